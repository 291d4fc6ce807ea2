"""What a report shows of a sweep: curves, maps, subsets of modalities, tables of whole curves."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mmaudit.names import ALL, CLEAN
from mmaudit.report.blocks import Chart, Table, table
from mmaudit.report.charts.heat import heat
from mmaudit.report.charts.severity import severity
from mmaudit.report.charts.subsets import name
from mmaudit.report.read import AuditData, RunData, SummaryRow
from mmaudit.report.sections import examples
from mmaudit.rows import Estimate, worsening
from mmaudit.tables.run import UNKNOWN

CONDITION, METHOD = "condition", "method"  # columns: how a model is asked; which of several it is
MISSING, PRESENT = "missing/", "present:"  # how corruptions and conditions of absence begin
WHOLE = ("area_under_curve", "worst", "relative_drop")  # shown first, in this order
Wanted = Callable[[SummaryRow], bool]


def sweep(run: RunData) -> AuditData | None:
    """The first audit of a run that asked one model under conditions, and not several."""
    sweeps = (audit for audit in run.audits.values() if CONDITION in audit.columns)
    return next((audit for audit in sweeps if METHOD not in audit.columns), None)


def primary(audit: AuditData) -> str:
    """The metric that curves are drawn of: the one the audit made whole-curve numbers of."""
    suffix = "_area_under_curve"
    names = list(dict.fromkeys(r.metric for r in audit.rows))
    curves = [m.removesuffix(suffix) for m in names if m.endswith(suffix)]
    directed = [m for m in audit.meanings if audit.better(m) != "neither"]
    return (curves or directed or names or [""])[0]


def is_missing(row: SummaryRow) -> bool:
    """Whether modalities were taken away."""
    return str(row.get("corruption")).startswith(MISSING)


def is_corrupted(row: SummaryRow) -> bool:
    """Whether something was damaged, and nothing taken away."""
    return bool(row.get("corruption")) and MISSING not in str(row.get("corruption"))


def is_subset(row: SummaryRow) -> bool:
    """Whether the same modalities were taken away from all samples, and nothing else was done."""
    return str(row.get("condition")).startswith(PRESENT)


def is_protocol(row: SummaryRow) -> bool:
    """Whether modalities were taken away from some samples, by a rate that was named."""
    named = "=" in str(row.get("condition"))
    return is_missing(row) and named and not row.get("severity")


def is_planned(row: SummaryRow) -> bool:
    """Whether modalities were taken away from some samples, at a severity."""
    return is_missing(row) and not is_subset(row) and not is_protocol(row)


def curves(run: RunData, audit: AuditData, wanted: Wanted) -> Iterator[Chart]:
    """For each modality the severity curves of the main metric, and a map of its worsening.

    All charts of one metric share their scales, so that modalities can be compared by eye; the
    modality that is hurt most comes first.
    """
    metric = primary(audit)
    shown = examples.read(run, audit)
    clean = next((r.estimate for r in audit.having(metric) if r.get("condition") == CLEAN), None)
    lines = _by_modality(audit, metric, wanted)
    meaning = audit.meanings.get(metric, UNKNOWN)
    worse = worsening(metric, meaning.better) or ""
    cells = _by_modality(audit, worse, wanted)
    values = [e for some in lines.values() for e in some.values()] + ([clean] if clean else [])
    span = (min((e.low for e in values), default=0.0), max((e.high for e in values), default=1.0))
    most = max((_worst(some) for some in cells.values()), default=0.0)
    order = sorted(lines, key=lambda m: (-_worst(cells.get(m, {})), m))
    for modality in order:
        if clean is not None:
            series: dict[str, dict[int, Estimate]] = {}
            for (part, step), e in lines[modality].items():
                series.setdefault(part, {})[step] = e
            title = f"{metric} by severity: {modality}"
            chart = severity(title, metric, clean, series, span, meaning)
            yield examples.beside(chart, shown.get(modality, {}))
        if modality in cells:
            verb = "gained" if meaning.better == "lower" else "lost"
            title = f"{metric} {verb} against clean: {modality}"
            yield heat(title, worse, dict(cells[modality].items()), most)


def _worst(cells: Mapping[tuple[str, int], Estimate]) -> float:
    return max((e.value for e in cells.values()), default=0.0)


def _by_modality(
    audit: AuditData, metric: str, wanted: Wanted
) -> dict[str, dict[tuple[str, int], Estimate]]:
    by: dict[str, dict[tuple[str, int], Estimate]] = {}
    for row in audit.having(metric):
        if row.get("severity") and wanted(row) and row.estimate is not None:
            key = (str(row.get("corruption")), int(row.get("severity")))
            by.setdefault(str(row.get("modality")), {})[key] = row.estimate
    return dict(sorted(by.items()))


def present(audit: AuditData) -> dict[str, dict[tuple[str, ...], Estimate]]:
    """The main metric by absence policy and by the modalities that were present."""
    metric = primary(audit)
    full = {
        present_of(r): r.estimate
        for r in audit.having(metric)
        if r.get("condition") == CLEAN and r.estimate is not None
    }
    policies: dict[str, dict[tuple[str, ...], Estimate]] = {}
    for row in audit.having(metric):
        if is_subset(row) and row.estimate is not None:
            policy = str(row.get("condition")).partition(" (")[2].removesuffix(")")
            policies.setdefault(policy, dict(full))[present_of(row)] = row.estimate
    return policies


def subset_headline(audit: AuditData) -> str:
    """Which modality is missed most, in one sentence; empty without subsets."""
    missed = missed_most(audit)
    if missed is None:
        return ""
    gone, whole, without = missed
    return (
        f"Without {gone}, {primary(audit)} goes from {whole} "
        f"to {without}: the modality that is missed most."
    )


def missed_most(audit: AuditData) -> tuple[str, Estimate, Estimate] | None:
    """The modality that is missed most, and the main metric with and without it."""
    metric = primary(audit)
    pick: Any = max if audit.better(metric) == "lower" else min
    for cells in present(audit).values():
        every = max(cells, key=len)
        one_less = [some for some in cells if len(some) == len(every) - 1]
        if one_less and every in cells:
            worst = pick(one_less, key=lambda some: cells[some].value)
            gone = name([m for m in every if m not in worst])
            return gone, cells[every], cells[worst]
    return None


def whole_curves(audit: AuditData, wanted: Wanted) -> Iterator[Table]:
    """One row a corruption, with the numbers of its whole curve."""
    metric = primary(audit)
    by: dict[str, dict[str, Estimate]] = {}
    for row in audit.rows:
        curve = row.slice == ALL and wanted(row) and not row.get("severity")
        if curve and row.estimate is not None and row.get("condition") != CLEAN:
            by.setdefault(str(row.get("condition")), {})[row.metric] = row.estimate
    ordered = [f"{metric}_{w}" for w in WHOLE]
    names = list(dict.fromkeys(m for numbers in by.values() for m in numbers))
    names = sorted(names, key=lambda m: (ordered.index(m) if m in ordered else len(ordered), m))
    if by and any(m in ordered for m in names):
        sign = -1 if audit.better(names[0]) == "lower" else 1
        ordered_rows = _worst_first(by, names[0], sign)
        listed = [(one, *(numbers.get(m) for m in names)) for one, numbers in ordered_rows]
        yield table(f"Whole curves of {metric}", ("corruption", *names), listed, prefix=metric)


def _worst_first(
    by: Mapping[str, Mapping[str, Estimate]], first: str, sign: int
) -> list[tuple[str, Mapping[str, Estimate]]]:
    return sorted(by.items(), key=lambda i: (sign * i[1][first].value if first in i[1] else 0, i))


def slices(audit: AuditData) -> Iterator[Table]:
    """The clean metrics of every slice."""
    by: dict[str, dict[str, Estimate]] = {}
    for row in audit.rows:
        if row.get("condition") == CLEAN and row.estimate is not None:
            by.setdefault(row.slice, {})[row.metric] = row.estimate
    there = {m for numbers in by.values() for m in numbers}
    names = [m for m in audit.meanings if m in there]
    names += sorted(there - set(names))
    if by:
        listed = [(one, *(numbers.get(m) for m in names)) for one, numbers in by.items()]
        yield table(
            "Clean data, by slice" if len(by) > 1 else "Clean data", ("slice", *names), listed
        )


def present_of(row: SummaryRow) -> tuple[str, ...]:
    """The modalities that were present."""
    return tuple(m for m in str(row.get("present")).split(",") if m)
