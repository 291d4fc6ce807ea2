"""What was measured on each sample: the numbers that a row of the summary is the mean of.

A row is a mean of samples where its metric is one, its condition was asked about, and the answers
were kept. A drop is the mean of the samples' differences, against clean or against a baseline.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.names import ALL, CLEAN, SLICE, slice_value, uncrossed
from mmaudit.tables.answers import answers
from mmaudit.tables.run import Row, Summary

FLIPS, MAE, P_TRUE, MSE = "flip_rate", "mae", "p_true", "mse"
INTERACTION = "_interaction"
DESTROYED, REPAIRED = "destroyed_rate", "repaired_rate"
UNBOUNDED = (-math.inf, math.inf)
BOUNDS = {P_TRUE: (0.0, 1.0), MSE: (0.0, math.inf)}  # of what only interactions are of
COLUMNS = {
    "accuracy": ("correct",),
    "nll": ("loss",),
    "brier": ("brier",),
    FLIPS: ("prediction",),
    DESTROYED: ("correct",),
    REPAIRED: ("correct",),
    MAE: ("prediction", "label"),
    P_TRUE: ("p_true",),
    MSE: ("prediction", "label"),
}
POWERS = {MAE: 1, MSE: 2}  # of an error
SIDES = (("min", min), ("max", max))
Two = tuple["PerSample", "PerSample"]
MOST_KEPT = 8  # conditions whose answers stay in memory


class NoSamples(Exception):  # noqa: N818  no error: the reason why there is nothing to look at
    """Why a row cannot be looked at sample by sample."""


@dataclass(frozen=True, slots=True)
class PerSample:
    """One number of each sample.

    Attributes:
        ids: Id of each sample.
        values: The numbers, ``(sample,)``, clipped to the bounds of the metric.
        groups: Number of each sample's group, ``(sample,)``; None where samples stand alone.
        low: Least number that a sample can have.
        high: Largest number.
        span: Least and largest number that a sample may have by what was seen of all, where `low`
            and `high` do not say it.
    """

    ids: pa.ChunkedArray
    values: Floats
    groups: Ints | None
    low: float
    high: float
    span: tuple[float, float] = UNBOUNDED

    def minus(self, other: "PerSample", sign: float = 1.0) -> "PerSample":
        """The difference times a sign, sample by sample, in this one's order.

        Raises:
            NoSamples: They are not of the same samples.
        """
        there = other.of(self.ids)
        span = self.high - self.low
        least, most = sorted(
            sign * end for end in (self.span[0] - other.span[1], self.span[1] - other.span[0])
        )
        values = sign * (self.values - there)
        return PerSample(self.ids, values, self.groups, -span, span, (least, most))

    def of(self, ids: pa.ChunkedArray) -> Floats:
        """The numbers of these samples.

        Raises:
            NoSamples: They are other samples than its own.
        """
        if ids.equals(self.ids):
            return self.values
        at = pc.index_in(ids, value_set=self.ids.combine_chunks())
        if at.null_count or len(ids) != len(self.ids):
            common = len(ids) - at.null_count
            raise NoSamples(
                f"the runs share {common:,} of {len(ids):,} and {len(self.ids):,} samples"
            )
        return self.values[at.to_numpy()]


@dataclass(slots=True)
class SampleReader:
    """Reads the answers of a run, condition by condition, the last few of them kept.

    Attributes:
        summary: Summary of the audit.
    """

    summary: Summary
    _tables: dict[str, pa.Table | None] = field(default_factory=dict)

    def worse(
        self, row: Row, metric: str, base: "SampleReader | None"
    ) -> tuple[PerSample, PerSample]:
        """The numbers of a metric where a row is compared from, and its own.

        Args:
            row: The row.
            metric: A metric that is a mean of samples.
            base: The baseline; None to compare with clean.

        Raises:
            NoSamples: The answers are not there, or do not say it.
        """
        there = self.of({**row, "metric": metric})
        if base is None:
            return self.of({**row, "metric": metric, "condition": CLEAN}), there
        return base.of({**row, "metric": metric}), there

    def of(self, row: Row) -> PerSample:
        """The numbers that a row is the mean of.

        Raises:
            NoSamples: The answers are not there, or do not say it.
        """
        metric, condition, part = row["metric"], row.get("condition"), row["slice"]
        for base in COLUMNS:
            if metric == self.summary.worsening(base):
                first, second = self.worse(row, base, None)
                return first.minus(second, self.sign(base))
        if metric.endswith(INTERACTION) and condition is not None:
            return self._crossed(row, metric.removesuffix(INTERACTION))
        if metric not in COLUMNS or condition is None:
            raise NoSamples(f"{metric} is no mean over samples")
        table = self.table(condition)
        for column in COLUMNS[metric]:
            if column not in table.column_names:
                raise NoSamples(f"the answers have no column {column}")
        inside = inside_of(table, part)
        values = self._values(table, metric)
        if not np.isfinite(values).all():
            raise NoSamples("an answer holds a number that is not finite")
        if inside is not None:
            values, table = values[inside], table.filter(pa.array(inside))
        low, high = self.bounds(metric)
        groups = groups_of(table)
        values = np.clip(values, low, high)
        span = _of_errors(table, metric) if metric in {MAE, MSE} else UNBOUNDED
        return PerSample(table["id"], values, groups, low, high, span)

    def _crossed(self, row: Row, metric: str) -> PerSample:
        """What damage changes where a modality is absent, less what it changes where it is there.

        Raises:
            NoSamples: It is the mean of several conditions, or the answers do not say it.
        """
        halves = uncrossed(row["condition"], row.get("present") or "")
        if halves is None:
            raise NoSamples(f"{row['condition']} is several conditions")
        names = (row["condition"], halves[1], halves[0], CLEAN)
        both, absent, damaged, clean = (
            self.of({**row, "metric": metric, "condition": name}) for name in names
        )
        return both.minus(absent).minus(damaged.minus(clean))

    def sign(self, metric: str) -> int:
        """1 where higher is better, -1 where lower is."""
        return 1 if self.summary.better(metric) == "higher" else -1

    def bounds(self, metric: str) -> tuple[float, float]:
        """Least and largest value of one sample.

        Raises:
            NoSamples: The table does not say them.
        """
        if metric in BOUNDS:
            return BOUNDS[metric]
        meaning = self.summary.meanings.get(metric)
        if meaning is None:
            raise NoSamples(f"the bounds of {metric} are not in the table")
        return meaning.bounds

    def table(self, condition: str) -> pa.Table:
        """The answers under a condition.

        Raises:
            NoSamples: There are none.
        """
        if condition not in self._tables:
            for name in [n for n in self._tables if n != CLEAN][: 1 - MOST_KEPT]:
                del self._tables[name]
            self._tables[condition] = answers(self.summary.samples, condition)
        rows = self._tables[condition]
        if rows is None:
            raise NoSamples(f"no answers to {condition} were kept")
        return rows

    def _values(self, table: pa.Table, metric: str) -> Floats:
        if metric in {FLIPS, DESTROYED, REPAIRED}:
            (column,) = COLUMNS[metric]
            return _changed(metric, self._clean(table, column), table[column])
        if metric in {MAE, MSE}:
            rest = pc.subtract(table["prediction"], table["label"])
            return np.asarray(pc.abs(rest).to_numpy(), np.float64) ** POWERS[metric]
        (column,) = COLUMNS[metric]
        return np.asarray(pc.cast(table[column], pa.float64()).to_numpy(), np.float64)

    def _clean(self, table: pa.Table, column: str) -> pa.ChunkedArray:
        """A column of the clean answers, in the order of other rows."""
        clean = self.table(CLEAN)
        before = clean[column]
        if not clean["id"].equals(table["id"]):
            at = pc.index_in(table["id"], value_set=clean["id"].combine_chunks())
            if at.null_count:
                raise NoSamples("the rows have other samples than the clean ones")
            before = before.take(at)
        return before


def _changed(metric: str, before: pa.ChunkedArray, after: pa.ChunkedArray) -> Floats:
    """Whether each answer changed, was right and is wrong, or was wrong and is right."""
    if metric == FLIPS:
        changed = pc.not_equal(after, before)
    else:
        first, then = (before, after) if metric == DESTROYED else (after, before)
        changed = pc.and_not(first, then)
    return np.asarray(pc.cast(changed, pa.float64()).to_numpy(), np.float64)


def _of_errors(table: pa.Table, metric: str) -> tuple[float, float]:
    """Least and largest error: an answer may be as far off as all answers and truths span."""
    ends = [pc.min_max(table[column]) for column in COLUMNS[MAE]]
    low, high = (pick(end[side].as_py() for end in ends) for side, pick in SIDES)
    return 0.0, float(high - low) ** POWERS[metric]


def groups_of(table: pa.Table) -> Ints | None:
    """Number of each row's group, ``(row,)``; None where each row stands alone."""
    if "group" not in table.column_names or table["group"].null_count:
        return None
    codes = table["group"].combine_chunks().dictionary_encode()
    if len(codes.dictionary) == table.num_rows:
        return None
    return codes.indices.to_numpy().astype(np.int64)


def inside_of(table: pa.Table, part: str) -> Bools | None:
    """Which samples are in a slice, ``NAME=VALUE``; None for all of them."""
    if part == ALL:
        return None
    column, value = slice_value(part)
    if column not in table.column_names:
        raise NoSamples(f"the answers do not tell {column.removeprefix(SLICE)}")
    same = pc.equal(pc.cast(table[column], pa.string()), value)
    inside = np.asarray(pc.fill_null(same, False).to_numpy(), np.bool_)  # noqa: FBT003
    if not inside.any():
        raise NoSamples(f"no answer is in {part}")
    return inside
