"""The four challenges: what each asks, which audits speak to it, and what to run where none did."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mmaudit.report.blocks import Chart, Section, Table, table
from mmaudit.report.charts.heat import heat
from mmaudit.report.charts.severity import severity
from mmaudit.report.charts.subsets import subsets
from mmaudit.report.run import Audit, Row, Run
from mmaudit.rows import Estimate
from mmaudit.tables.metrics import SCORES, meaning, worsening

CLEAN = "clean"
SUBSET = "missing/subset"
MISSING = "missing/"


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
            ("inspect", "mmaudit inspect DATASET --out RUN", "the quality of every sample"),
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
            (
                "inspect",
                "mmaudit inspect DATASET --out RUN",
                "which modalities are absent, and how often",
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
                "adaptivity",
                "mmaudit adaptivity DATASET --model SPEC --out RUN",
                "whether the model trusts a modality less where it is bad",
            ),
        ),
    ),
)


def sections(run: Run) -> tuple[Section, ...]:
    """The four challenges of a run, each with what its audits found."""
    return tuple(_section(challenge, run) for challenge in CHALLENGES)


def _section(challenge: Challenge, run: Run) -> Section:
    present = _present(run)
    there = [name for name, _, _ in challenge.audits if name in present]
    audits = [present[name] for name in there]
    charts: list[Chart] = []
    tables: list[Table] = []
    for name, audit in zip(there, audits, strict=True):
        charts += _charts(challenge.key, name, audit)
        tables += _tables(challenge.key, name, audit)
    headlines = [a.made.headline for a in audits if a.made.headline]
    notes = [note for a in audits for note in a.made.notes]
    return Section(
        key=challenge.key,
        title=challenge.title,
        question=challenge.question,
        headlines=tuple(dict.fromkeys(headlines)),
        notes=tuple(dict.fromkeys(notes)),
        advice=tuple((c, tells) for name, c, tells in challenge.audits if name not in present),
        charts=tuple(charts),
        tables=tuple(tables),
        audited=bool(there),
    )


def _present(run: Run) -> dict[str, Audit]:
    """The audits by name; the subsets of a robustness sweep count as one of their own."""
    found = dict(run.audits)
    sweep = found.get("robustness")
    if sweep and any(str(r.get("corruption")).startswith(MISSING) for r in sweep.rows):
        found["subsets"] = sweep
    if sweep and not any(_corrupted(r) for r in sweep.rows):
        del found["robustness"]
    return found


def _charts(key: str, name: str, audit: Audit) -> Iterator[Chart]:
    if name == "robustness":
        yield from _curves(audit, _corrupted)
    elif name == "subsets" and key == "incomplete":
        yield from _subsets(audit)
        yield from _curves(audit, lambda r: _is_missing(r) and r.get("corruption") != SUBSET)


def _curves(audit: Audit, wanted: Callable[[Row], bool]) -> Iterator[Chart]:
    """For each modality the severity curves of the primary metric, and a map of its worsening."""
    metric = primary(audit)
    clean = next((r.estimate for r in audit.having(metric) if r.get("condition") == CLEAN), None)
    rows = [r for r in audit.having(metric) if r.get("severity") and wanted(r)]
    for modality in sorted({str(r.get("modality")) for r in rows}):
        curves: dict[str, dict[int, Estimate]] = {}
        for row in rows:
            if row.get("modality") == modality and row.estimate is not None:
                curves.setdefault(row.get("corruption"), {})[row.get("severity")] = row.estimate
        if clean is not None:
            yield severity(f"{metric} by severity: {modality}", metric, clean, curves)
        worse = worsening(metric) or ""
        cells = {
            (str(r.get("corruption")), int(r.get("severity"))): r.estimate
            for r in audit.having(worse)
            if r.get("modality") == modality and r.get("severity") and wanted(r) and r.estimate
        }
        if cells:
            yield heat(f"{worse.replace('_', ' ')} against clean: {modality}", worse, cells)


def _subsets(audit: Audit) -> Iterator[Chart]:
    metric = primary(audit)
    rows = [r for r in audit.having(metric) if r.get("corruption") == SUBSET]
    full = [r for r in audit.having(metric) if r.get("condition") == CLEAN]
    policies: dict[str, dict[tuple[str, ...], Estimate]] = {}
    for row in rows:
        policy = str(row.get("condition")).partition(" (")[2].removesuffix(")")
        if row.estimate is not None:
            policies.setdefault(policy, {})[_kept(row)] = row.estimate
    for policy, cells in policies.items():
        every = {_kept(r): r.estimate for r in full if r.estimate is not None}
        modalities = max((*cells, *every), key=len)
        how = f" (absence policy {policy})" if policy else ""
        yield subsets(f"{metric} by modalities present{how}", metric, modalities, every | cells)


def _kept(row: Row) -> tuple[str, ...]:
    return tuple(m for m in str(row.get("present")).split(",") if m)


def _tables(key: str, name: str, audit: Audit) -> Iterator[Table]:
    if name == "robustness":
        yield from _derived(audit)
    if name in {"robustness", "subsets"}:
        if key == "noisy":
            yield from _slices(audit)
        return
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
    heads = (*audit.columns, "slice", "metric", "estimate", "n")
    yield table(f"{audit.name.replace('_', ' ').capitalize()}: every number", heads, rows)


def _derived(audit: Audit) -> Iterator[Table]:
    """One row a corruption, with the numbers of its whole curve."""
    metric = primary(audit)
    rows = [r for r in audit.rows if r.slice == "all" and _corrupted(r) and not r.get("severity")]
    names = [
        m for m in dict.fromkeys(r.metric for r in rows) if m.startswith(metric) or m == "flip_rate"
    ]
    by: dict[str, dict[str, Estimate]] = {}
    for row in rows:
        if row.estimate is not None:
            by.setdefault(str(row.get("condition")), {})[row.metric] = row.estimate
    if by:
        listed = [(name, *(told.get(m) for m in names)) for name, told in sorted(by.items())]
        heads = ("corruption", *(m.removeprefix(f"{metric}_") for m in names))
        yield table(f"Whole curves of {metric}", heads, listed)


def _slices(audit: Audit) -> Iterator[Table]:
    """The clean metrics of every slice."""
    rows = [r for r in audit.rows if r.get("condition") == CLEAN and r.estimate is not None]
    names = [m for m in SCORES if any(r.metric == m for r in rows)]
    names += sorted({r.metric for r in rows} - set(names))
    by: dict[str, dict[str, Estimate]] = {}
    for row in rows:
        if row.estimate is not None:
            by.setdefault(row.slice, {})[row.metric] = row.estimate
    listed = [(name, *(told.get(m) for m in names)) for name, told in by.items()]
    yield table("Clean data", ("slice", *names), listed)


def primary(audit: Audit) -> str:
    """The metric that curves are drawn of: the one the audit made whole-curve numbers of."""
    suffix = "_area_under_curve"
    curves = [r.metric.removesuffix(suffix) for r in audit.rows if r.metric.endswith(suffix)]
    known = [
        m for m in dict.fromkeys(r.metric for r in audit.rows) if meaning(m).better != "neither"
    ]
    ranked = [m for m in SCORES if m in known]
    return (curves or ranked or known or [audit.rows[0].metric if audit.rows else ""])[0]


def _is_missing(row: Row) -> bool:
    return str(row.get("corruption")).startswith(MISSING)


def _corrupted(row: Row) -> bool:
    return bool(row.get("corruption")) and not _is_missing(row)
