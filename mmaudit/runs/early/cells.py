"""Which checks can be decided before all samples were asked, and what each of their rows tests.

A row can be tested sample by sample where it is a mean of bounded numbers: accuracy, the Brier
score, the shares of flipped answers, and how much worse than clean the first two are. A check is
tested so where every row that it selects is one, it tests each row by itself (``aggregate =
"each"``), and its limits are plain numbers or drops against clean.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.arrays import Floats
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.numbers.harm import measured_part
from mmaudit.audits.robustness.numbers.subsets import SUBSET
from mmaudit.gate.config import Check
from mmaudit.gate.limits import Limit
from mmaudit.gate.numbers.quantity import label
from mmaudit.inference.inputs import Inputs
from mmaudit.measures.tasks.classification import METRICS
from mmaudit.measures.tasks.severity.harm import HARM
from mmaudit.names import ALL, CLEAN, SLICE, part, slice_value
from mmaudit.rows import worsening
from mmaudit.runs.early.subset_rows import subset_rows
from mmaudit.samples.dataset import Dataset

AUDIT = "robustness"
KEYS = ("condition", "modality", "corruption", "severity", "present", "slice", "metric")
CURVES = ("area_under_curve", "worst", "monotonicity_violations", "kendall_tau", "relative_drop")
COLUMNS = ("correct", "brier", "prediction")
FLIPS = ("flip_rate", "destroyed_rate", "repaired_rate")
BOUNDS: Mapping[str, tuple[float, float]] = {
    "accuracy": (0.0, 1.0),
    "brier": (0.0, 2.0),
    **dict.fromkeys(FLIPS, (0.0, 1.0)),
    "accuracy_drop": (-1.0, 1.0),
    "brier_rise": (-2.0, 2.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyCell:
    """One row against one limit, to be tested sample by sample.

    Attributes:
        check: Name of the check.
        group: Number of the condition.
        condition: Its name.
        slice: Part of the samples, as ``NAME=VALUE``; ``all`` for everything.
        label: The row, as the gate names it.
        quantity: What is tested, as the gate names it.
        metric: Whose mean over samples it is, one of `BOUNDS`.
        limit: The limit.
        alpha: Error level of its check, which its rows share.
        power: Power for which a number of samples is computed.
        min_n: Fewest samples that an answer may rest on.
        samples: Samples of the part.
    """

    check: str
    group: int
    condition: str
    slice: str
    label: str
    quantity: str
    metric: str
    limit: Limit
    alpha: float
    power: float
    min_n: int
    samples: int

    @property
    def share(self) -> float:
        """The limit between the bounds of the quantity, 0 … 1."""
        low, high = BOUNDS[self.metric]
        return (self.limit.value - low) / (high - low)

    def values(self, clean: pa.Table, table: pa.Table) -> Floats:
        """The quantity of each sample of the part, between 0 and 1.

        Args:
            clean: Clean answers of some samples.
            table: Answers of the same samples under the condition.
        """
        low, high = BOUNDS[self.metric]
        values = (_values(self.metric, clean, table) - low) / (high - low)
        values = np.clip(values, 0.0, 1.0)  # the Brier score is kept in 32 bits
        if self.slice == ALL:
            return values
        column, value = slice_value(self.slice)
        return values[pc.equal(table[column], value).to_numpy()]


def _values(metric: str, clean: pa.Table, table: pa.Table) -> Floats:
    if metric == "flip_rate":
        return pc.not_equal(clean["prediction"], table["prediction"]).to_numpy().astype(float)
    name = "brier" if metric.startswith("brier") else "correct"
    there = table[name].to_numpy().astype(np.float64)
    if metric in {"accuracy", "brier"}:
        return there
    start = clean[name].to_numpy().astype(np.float64)
    if metric in FLIPS:
        return np.maximum(start - there if metric == "destroyed_rate" else there - start, 0.0)
    return start - there if metric == "accuracy_drop" else there - start


@dataclass(frozen=True, slots=True)
class Tests:
    """What the checks ask of a sweep.

    Attributes:
        cells: The rows that are tested sample by sample.
        full: Numbers of the conditions that are asked about all samples: no check mentions them,
            or one that can be decided only in the end.
        late: Names of the checks that can be decided only in the end.
        silent: How many conditions no check mentions.
    """

    cells: tuple[EarlyCell, ...]
    full: frozenset[int]
    late: tuple[str, ...]
    silent: int


def tests(
    checks: Sequence[Check], conditions: Sequence[Condition], inputs: Inputs, kind: str
) -> Tests:
    """Sort checks and conditions.

    Args:
        checks: The checks of the gate.
        conditions: The conditions of the sweep, clean first.
        inputs: What is audited.
        kind: What is asked of the model: ``class``, ``number`` or ``embedding``.
    """
    dataset = inputs.dataset
    rows = _Rows(_rows(conditions, dataset))
    bounded = kind == "class" and not dataset.manifest.source.group
    cells: list[EarlyCell] = []
    full: set[int] = set()
    late: list[str] = []
    mentioned: set[int] = {0}
    for check in checks:
        if check.selector.audit != AUDIT:
            continue
        check.selector.check_columns(KEYS, check.id)
        selected = check.selector.rows(rows)
        tested = list(_cells(check, selected)) if bounded and _each_alone(check) else []
        groups = {g for row in selected for g in row["groups"]}
        mentioned |= groups
        if tested and all(cell is not None for cell in tested):
            cells += [cell for cell in tested if cell is not None]
        else:
            full |= groups
            late.append(check.id)
    silent = set(range(len(conditions))) - mentioned
    return Tests(tuple(cells), frozenset(full | silent), tuple(late), len(silent))


def _each_alone(check: Check) -> bool:
    return check.aggregate == "each" and check.against == CLEAN


def _cells(check: Check, rows: Sequence[Mapping[str, Any]]) -> Iterator[EarlyCell | None]:
    """The cells of a check; None where a row cannot be tested sample by sample."""
    pairs = [
        (row, Limit(kind, value))
        for kind, value in check.limits
        for row in rows
        if not (kind.startswith("max_drop") and row["condition"] == CLEAN)
    ]
    for row, limit in pairs:
        metric, name = row["metric"], row["metric"]
        if limit.kind == "max_drop":
            metric, name = _worse(name) or "", f"drop of {name} against {CLEAN}"
        if metric not in BOUNDS or len(row["groups"]) > 1 or limit.kind == "max_drop_rel":
            yield None
            continue
        cell = EarlyCell(
            check=check.id,
            group=row["groups"][0],
            condition=row["condition"],
            slice=row["slice"],
            label=label({k: row[k] for k in KEYS}, KEYS),
            quantity=name,
            metric=metric,
            limit=limit,
            alpha=1 - check.confidence,
            power=check.power,
            min_n=check.min_n,
            samples=row["samples"],
        )
        yield cell if 0 < cell.share < 1 else None


def _worse(metric: str) -> str | None:
    """The metric that says how much worse than clean a metric is; None without a direction."""
    return worsening(metric, METRICS[metric].better) if metric in METRICS else None


class _Rows:
    """The rows that the summary will have, as a selector looks at a table."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.by_metric: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            self.by_metric.setdefault(row["metric"], []).append(row)

    @property
    def metrics(self) -> Sequence[str]:
        """Every metric."""
        return tuple(self.by_metric)

    def of(self, metric: str) -> Sequence[Mapping[str, Any]]:
        """The rows of one."""
        return self.by_metric[metric]


def _rows(conditions: Sequence[Condition], dataset: Dataset) -> list[dict[str, Any]]:
    """Every row that the summary may have, with the conditions that it needs."""
    worse = [w for m in METRICS if (w := _worse(m))]
    rows: list[dict[str, Any]] = []
    series: dict[str, list[int]] = {}
    for group, c in enumerate(conditions):
        metrics = [*METRICS, *worse, *FLIPS] if group else [*METRICS]
        rows += [_row(c, c.name, c.severity, metric, [group]) for metric in metrics]
        if c.severity is not None and not c.crossed:
            series.setdefault(c.series, []).append(group)
    curves = [*(f"{m}_{name}" for m in METRICS for name in CURVES), *FLIPS]
    for name, groups in series.items():
        # of two conditions at the least: a curve of one is not a mean of samples either
        first = conditions[groups[0]]
        one = measured_part(first)
        further = [f"{HARM}:{one.dose.name}"] if one else []
        rows += [_row(first, name, None, m, [0, *groups]) for m in (*curves, *further)]
    whole = Condition(name="", corruption=SUBSET, present=())
    for further_row in subset_rows(conditions, tuple(METRICS)):
        name, metric, groups = further_row.name, further_row.metric, further_row.groups
        rows.append(_row(whole, name, None, metric, groups))
    parts = _parts(dataset)
    return [row | {"slice": part, "samples": n} for row in rows for part, n in parts.items()]


def _row(c: Condition, name: str, severity: int | None, metric: str, groups: list[int]) -> Any:
    return {
        "condition": name,
        "modality": c.modality,
        "corruption": c.corruption,
        "severity": severity,
        "present": ",".join(c.present),
        "metric": metric,
        "groups": groups,
    }


def _parts(dataset: Dataset) -> dict[str, int]:
    """Every part of the samples, and how many are in it."""
    parts = {ALL: len(dataset)}
    for name in dataset.source.columns.column_names:
        if name.startswith(SLICE):
            values = pc.fill_null(pc.cast(dataset.column(name), pa.string()), "")
            counts = values.value_counts().to_pylist()
            title = name.removeprefix(SLICE)
            parts |= {part(title, c["values"]): c["counts"] for c in counts}
    return parts
