"""What a report shows of an inspection: checks and their findings, copies, what is absent."""

from collections.abc import Iterator
from typing import Any

from mmaudit.names import ALL, NONE, slice_value
from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.bars import bars
from mmaudit.report.charts.histogram import histogram
from mmaudit.report.charts.subsets import subsets
from mmaudit.report.read import AuditData, RunData, further
from mmaudit.rows import Estimate

MOST_CHARTS = 8  # checks whose numbers are drawn: those that call most values bad
OF_CHECKS = ("median", "limit_rate", "flagged_rate")
OF_COPIES = ("duplicate_rate", "near_duplicate_rate", "across_splits")
OF_KEYS = ("key_across_splits", "accuracy_shared", "accuracy_apart", "gap_of_key")
OF_MODALITIES = ("recovered", "recovered_p_value", "effective_rank")
OF_ABSENCE = ("present_rate", "unreadable_rate", "absence_auroc", "little_p")
SPLIT = "split="
Key = tuple[str, str]  # modality and check


def charts(run: RunData, audit: AuditData) -> Iterator[Chart]:
    """How the numbers of those checks spread that call some values bad."""
    flagged = {_key(r): r.estimate for r in audit.having("flagged_rate") if r.estimate}
    worst = sorted((k for k, e in flagged.items() if e.value), key=lambda k: (-flagged[k].value, k))
    bins: dict[Key, list[dict[str, Any]]] = {}
    columns = further(run, audit, "histograms")
    for one in zip(*columns.values(), strict=True):
        row = dict(zip(columns, one, strict=True))
        bins.setdefault((row["modality"], row["check"]), []).append(row)
    for key in [k for k in worst if k in bins][:MOST_CHARTS]:
        yield _spread(key, bins[key])


def _spread(key: Key, bins: list[dict[str, Any]]) -> Chart:
    """How the numbers of one check spread, and past what they are bad."""
    modality, check = key
    edges = [*(row["low"] for row in bins), bins[-1]["high"]]
    total = max(1, sum(row["count"] for row in bins))
    shares = {"observed": [row["count"] / total for row in bins]}
    limits = [e for e in (bins[0]["least"], bins[0]["most"]) if e is not None]
    return histogram(f"{check} of {modality}", check, edges, shares, limits)


def tables(run: RunData, audit: AuditData) -> Iterator[Table]:
    """What is there, the checks, copies, and the list of findings."""
    facts = further(run, audit, "inventory")
    yield table("What is in the data", tuple(facts), list(zip(*facts.values(), strict=True)))
    yield _wide(audit, "Checks of single values", OF_CHECKS)
    yield _wide(audit, "Values that stand more than once", OF_COPIES)
    splits = further(run, audit, "shift")
    if splits:
        yield table("The splits side by side", *_beside(splits))
    patterns = further(run, audit, "pattern_shift")
    if patterns:
        yield table("What is there together, split by split", *_patterns(patterns))
    alike = further(run, audit, "overlap")
    if alike:
        pairs = list(zip(*alike.values(), strict=True))
        yield table("Classes that small models take for one another", tuple(alike), pairs)
    slices = further(run, audit, "slices")
    if slices:
        yield table("Where findings gather", *_gathered(slices))
    yield from _of_keys(audit)
    together = further(run, audit, "alignment")
    if together:
        yield table("How modalities hang together", *_together(together))
        yield _wide(audit, "What the others tell of each modality", OF_MODALITIES)
    repeated = further(run, audit, "redundancy")
    if repeated:
        yield table("What modalities tell of the label, and tell twice", *_repeated(repeated))
    columns = further(run, audit, "issues")
    shown = ("id", "modality", "check", "reason", "suggestion")
    flagged = columns.get("flagged", [])
    rows = list(zip(*(columns.get(name, []) for name in shown), strict=True))
    yield table(
        "Findings, the worst first", shown, [r for r, f in zip(rows, flagged, strict=True) if f]
    )


def _beside(columns: dict[str, list[Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A row a comparison of a split with its base: the mean of each, and how sure they differ."""
    pairs = zip(columns["split"], columns["base"], strict=True)
    rows = zip(
        columns["modality"],
        columns["check"],
        (f"{split} beside {base}" for split, base in pairs),
        columns["mean_of_base"],
        columns["mean"],
        map(Estimate, *(columns[name] for name in ("auroc", "low", "high", "n"))),
        columns["q_value"],
        ("yes" if differs else "" for differs in columns["differs"]),
        strict=True,
    )
    heads = ("modality", "check", "split", "mean there", "mean", "shift_auroc", "q", "differs")
    return heads, list(rows)


def _patterns(columns: dict[str, list[Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A row a split and set of modalities: how often it is there, and in the base."""
    pairs = zip(columns["split"], columns["base"], strict=True)
    rows = zip(
        (name.replace(",", ", ") for name in columns["present"]),
        (f"{split} beside {base}" for split, base in pairs),
        columns["rate_of_base"],
        map(Estimate, *(columns[name] for name in ("rate", "low", "high", "n"))),
        columns["corrected"],
        ("yes" if differs else "" for differs in columns["differs"]),
        strict=True,
    )
    return ("present", "split", "share there", "share", "p, of all splits", "differs"), list(rows)


def _gathered(columns: dict[str, list[Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A row a slice and a kind of finding: how often in the slice, and in the rest."""
    rows = zip(
        columns["slice"],
        columns["modality"],
        columns["check"],
        map(Estimate, *(columns[name] for name in ("rate", "low", "high", "n"))),
        columns["rate_of_rest"],
        columns["count"],
        columns["excess"],
        columns["q_value"],
        strict=True,
    )
    heads = ("slice", "modality", "check", "rate", "of the rest", "samples", "too many", "q")
    return heads, list(rows)


def _together(columns: dict[str, list[Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A row a pair of modalities: CKA, its p-value, and canonical correlations, held out."""
    held_out = [name for name in columns if name.startswith("cca_")]
    rows = zip(
        columns["first"],
        columns["second"],
        map(Estimate, *(columns[name] for name in ("cka", "low", "high", "samples"))),
        columns["corrected"],
        *(columns[name] for name in held_out),
        strict=True,
    )
    return ("modality", "and", "cka", "p, of all pairs", *held_out), list(rows)


def _repeated(columns: dict[str, list[Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A row a modality: bits that it tells, the others, all; and those that are told twice."""
    parts = {"alone": "alone", "rest": "others", "both": "all", "redundant": "told twice"}
    estimates = (
        map(
            Estimate,
            *(columns[f"{name}{end}"] for end in ("", "_low", "_high")),
            columns["samples"],
        )
        for name in parts
    )
    remarks = (["", "cannot be told"][not one] for one in columns["informative"])
    rows = zip(columns["modality"], *estimates, remarks, strict=True)
    return ("modality", *(f"{head}, bits" for head in parts.values()), ""), list(rows)


def absent_charts(audit: AuditData) -> Iterator[Chart]:
    """How often each modality is there, in all and in each split, and in which patterns."""
    there = {
        f"{r.get('modality')}{'' if r.slice == ALL else f', {r.slice}'}": r.estimate
        for r in audit.rows
        if r.metric == "present_rate" and r.estimate and _of_split(r.slice)
    }
    if there:
        yield bars("How often each modality is there", "share present", there)
    patterns = {
        _pattern(slice_value(r.slice)[1]): r.estimate
        for r in audit.rows
        if r.metric == "pattern_rate" and r.estimate
    }
    if len(patterns) > 1:
        modalities = tuple(dict.fromkeys(r.get("modality") for r in audit.having("present_rate")))
        yield subsets("Which modalities are there together", "share", modalities, patterns)


def _of_split(slice: str) -> bool:
    """Whether rates are of all samples, or of a split."""
    return slice == ALL or slice.startswith(SPLIT)


def _pattern(present: str) -> tuple[str, ...]:
    """The modalities of a pattern, as the summary names it."""
    return () if present == NONE else tuple(present.split(","))


def absent_tables(audit: AuditData) -> Iterator[Table]:
    """The same as numbers."""
    yield _wide(audit, "What is absent or cannot be read", OF_ABSENCE)


def absent_headline(audit: AuditData) -> str:
    """How many samples are complete, in one sentence."""
    whole = next((r.estimate for r in audit.having("complete_rate")), None)
    if whole is None:
        return "No sample has all modalities."
    return f"{whole.value:.1%} of the samples have all modalities."


def is_of_absence(note: str) -> bool:
    """Whether a note is about absence."""
    return " is absent in " in note or "Little's test" in note


def _of_keys(audit: AuditData) -> Iterator[Table]:
    """What the splits share, a row a key, the largest gap first."""
    gaps: dict[str, float] = {}
    cells: dict[str, dict[str, Any]] = {}
    for row in audit.rows:
        if row.metric in OF_KEYS and row.estimate is not None:
            key = slice_value(row.slice)[1]
            cells.setdefault(key, {})[row.metric] = _plain(row.estimate)
            if row.metric == OF_KEYS[-1]:
                gaps[key] = row.estimate.value
    if cells:
        ordered = sorted(cells, key=lambda key: (-gaps.get(key, 0.0), key))
        rows = [(key, *(cells[key].get(m) for m in OF_KEYS)) for key in ordered]
        yield table("What the splits share", ("key", *OF_KEYS), rows)


def _wide(audit: AuditData, title: str, metrics: tuple[str, ...]) -> Table:
    """A row a modality and check, a column a metric, of all samples."""
    cells: dict[Key, dict[str, Estimate | None]] = {}
    for row in audit.rows:
        if row.metric in metrics and row.slice == ALL:
            cells.setdefault(_key(row), {})[row.metric] = row.estimate
    there = [m for m in metrics if any(m in one for one in cells.values())]
    checked = any(check for _, check in cells)
    heads = ("modality", *(("check",) if checked else ()), *there)
    rows: list[tuple[Any, ...]] = [
        (*(key if checked else key[:1]), *(_plain(one.get(m)) for m in there))
        for key, one in cells.items()
    ]
    return table(title, heads, rows)


def _plain(estimate: Estimate | None) -> Estimate | float | int | None:
    """A number without its interval, where it has none."""
    if estimate is None or estimate.low < estimate.high:
        return estimate
    return int(estimate.value) if estimate.value.is_integer() else estimate.value


def _key(row: Any) -> Key:
    return str(row.get("modality")), str(row.get("check"))
