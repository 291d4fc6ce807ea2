"""The four challenges: what each asks, which audits speak to it, and what to run where none did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mmaudit.report.blocks import Chart, Section, Table, explained, table
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections import calibration, early, noisy_pairs, sweeps, trust
from mmaudit.report.sections import contributions as contributed
from mmaudit.report.sections.checks import of_audits
from mmaudit.report.sections.gallery import gallery
from mmaudit.report.words import said

WORDS = {"subsets": "absent modalities", "trust": "trust"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a challenge asks, and the commands that answer it, by audit."""

    key: str
    title: str
    question: str
    audits: tuple[tuple[str, str, str], ...]  # audit, command, what it tells


CHALLENGES = (
    Challenge(
        "noisy",
        "Noisy",
        "What happens when a modality is degraded, or a pair does not belong together?",
        (
            (
                "robustness",
                "mmaudit robustness DATASET --model SPEC --out RUN",
                "how far the model falls under each corruption",
            ),
            (
                "noisy_pairs",
                "mmaudit noisy-pairs DATASET --out RUN",
                "how many pairs do not belong together, and which",
            ),
        ),
    ),
    Challenge(
        "incomplete",
        "Incomplete",
        "What happens when modalities are absent?",
        (
            (
                "subsets",
                "mmaudit robustness DATASET --model SPEC --out RUN --missing",
                "what the model does with every subset of the modalities",
            ),
        ),
    ),
    Challenge(
        "imbalanced",
        "Imbalanced",
        "Does one modality dominate the others?",
        (
            (
                "contributions",
                "mmaudit contributions DATASET --model SPEC --out RUN",
                "what each modality brings to each answer",
            ),
        ),
    ),
    Challenge(
        "varying",
        "Quality-varying",
        "When quality changes from sample to sample, does trust move off the bad modality?",
        (
            (
                "trust",
                "mmaudit contributions DATASET --model SPEC --out RUN",
                "whether a modality counts less where it alone is wrong",
            ),
            (
                "graded",
                "mmaudit corrupt DATASET OUT --apply PART --severity-per-sample",
                "the same on data whose quality changes from sample to sample, once audited",
            ),
        ),
    ),
)


def sections(run: RunData) -> tuple[Section, ...]:
    """The four challenges of a run, then the audits that belong to none of them."""
    placed = {name for challenge in CHALLENGES for name, _, _ in challenge.audits}
    others = tuple((name, "", "") for name in run.audits if name not in placed)
    more = Challenge("more", "Further audits", "What else was asked of this run?", others)
    return tuple(_section(one, run) for one in (*CHALLENGES, *([more] if others else ())))


def _section(challenge: Challenge, run: RunData) -> Section:
    present = _present(run)
    there = [name for name, _, _ in challenge.audits if name in present]
    shown = [_shown(run, name, present[name]) for name in there]
    return Section(
        key=challenge.key,
        title=challenge.title,
        question=challenge.question,
        headlines=tuple(dict.fromkeys(h for one in shown for h in one.headlines if h)),
        notes=tuple(dict.fromkeys(n for one in shown for n in one.notes)),
        advice=tuple((c, tells) for name, c, tells in challenge.audits if name not in present),
        charts=tuple(c for one in shown for c in one.charts),
        tables=tuple(t for one in shown for t in one.tables),
        galleries=tuple(g for name in there if (g := gallery(run, name)) is not None),
        audited=bool(there),
        unasked=tuple(_unasked(run, there)),
    )


def _unasked(run: RunData, there: list[str]) -> Iterator[str]:
    """Which audits of a section no check of the gate is about."""
    if run.verdict is None:
        return
    covered = of_audits(run.verdict)
    labels = [c["label"] for r in run.verdict.get("results", ()) for c in r["cells"]]
    if any(label.startswith(("present:", "missing/")) for label in labels):
        covered |= {"subsets"}
    for name in there:
        if name not in covered:
            yield f"No check asked about {WORDS.get(name, name.replace('_', ' '))}."


@dataclass(frozen=True, slots=True)
class _Shown:
    headlines: tuple[str, ...]
    notes: tuple[str, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


def _present(run: RunData) -> dict[str, AuditData]:
    """The audits by name; subsets of a sweep, and trust, count as audits of their own."""
    audits = dict(run.audits)
    contributions = audits.get("contributions")
    if contributions and trust.is_measured(contributions):
        audits["trust"] = contributions
    sweep = audits.get("robustness")
    if sweep and any(sweeps.is_missing(r) for r in sweep.rows):
        audits["subsets"] = sweep
    if sweep and "subsets" in audits and not any(sweeps.is_corrupted(r) for r in sweep.rows):
        del audits["robustness"]
    return audits


def _shown(run: RunData, name: str, audit: AuditData) -> _Shown:
    """What a section shows of an audit, its metrics explained by what its summary says."""
    shown = _plain(run, name, audit)
    charts = (replace(c, table=explained(c.table, audit.meanings)) for c in shown.charts)
    tables = (explained(t, audit.meanings) for t in shown.tables)
    return replace(shown, charts=tuple(charts), tables=tuple(tables))


def _plain(run: RunData, name: str, audit: AuditData) -> _Shown:
    """The form of an audit; of one that has no form of its own, every number."""
    origin = audit.origin
    charts: Iterable[Chart]
    tables: Iterable[Table]
    if name == "subsets":
        charts = (*sweeps.subset_charts(audit), *sweeps.curves(run, audit, sweeps.is_planned))
        stages = early.tables(run, audit, sweeps.is_missing)
        tables = (*sweeps.whole_curves(audit, sweeps.is_planned), *stages)
        return _Shown((sweeps.subset_headline(audit),), (), charts, tables)
    if name == "trust":
        return _Shown((trust.headline(audit),), (trust.NOTE,), tuple(trust.charts(audit)), ())
    if name == "robustness":
        charts = (*sweeps.curves(run, audit, sweeps.is_corrupted), *calibration.charts(run, audit))
        stages = early.tables(run, audit, sweeps.is_corrupted)
        curves = sweeps.whole_curves(audit, sweeps.is_corrupted)
        tables = (*curves, *stages, *sweeps.slices(audit))
    elif name == "contributions":
        charts, tables = contributed.charts(run, audit), contributed.tables(audit)
    elif name == "noisy_pairs":
        charts, tables = noisy_pairs.charts(run, audit), noisy_pairs.tables(run, audit)
    else:
        charts, tables = (), (_every(audit),)
    return _Shown((said(origin.headline),), origin.notes, tuple(charts), tuple(tables))


def _every(audit: AuditData) -> Table:
    heads = (*audit.columns, "slice", "metric", "estimate", "n")
    rows = [
        (
            *(r.get(k) for k in audit.columns),
            r.slice,
            r.metric,
            r.estimate,
            r.estimate and r.estimate.n,
        )
        for r in audit.rows
    ]
    return table(f"{audit.name.replace('_', ' ').capitalize()}: every number", heads, rows)
