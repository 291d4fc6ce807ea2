"""Draws of several rows of a run together: a bootstrap of the samples that they share.

Every row is computed anew from the same weights, Poisson(1) for each sample (for each group, where
there are groups), so the draws vary together as the rows do.

References:
    Romano, Shaikh, Wolf 2014, "A practical two-step method for testing moment inequalities",
    doi:10.3982/ECTA11011 (the worst of several, by the largest standardised draw)
    Zou and Donner 2008, doi:10.1002/sim.3095 (a mean of quantities from their own intervals)
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.arrays import Floats
from mmaudit.gate.limits import STORED, z
from mmaudit.gate.numbers import resampled
from mmaudit.gate.numbers.quantity import Quantity
from mmaudit.gate.numbers.samples import COLUMNS, NoSamples, SampleReader, inside_of
from mmaudit.names import ALL, CLEAN
from mmaudit.tables.answers import answers
from mmaudit.tables.run import Summary

Statistic = Callable[[Floats], Floats]  # weights (replicate, sample) to values (replicate,)
REPLICATES = 1_000
CELLS = 1 << 22  # weights held at once
STILL = 1e-9  # deviation of draws that do not vary, up to rounding
SURE = 0.1  # share of the level for being sure which rows are not the worst
STEPS = 20  # of a bisection
METRICS = (*COLUMNS, *resampled.METRICS)


class Alone(Exception):  # noqa: N818  no error: the reason why rows cannot be drawn together
    """Why rows cannot be drawn together."""


@dataclass(slots=True)
class Drawing:
    """Reads the answers that rows are made of, in one order of the samples.

    Attributes:
        this: Summary of the run.
        base: Summary of the baseline run, for drops against it.
        first: The clean answers of the run, which give the order.
        readers: What reads the samples of a run, by its folder.
    """

    this: Summary
    base: Summary | None
    first: pa.Table = field(init=False)
    readers: dict[str, SampleReader] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Read the clean answers."""
        first = answers(self.this.samples, CLEAN)
        if first is None:
            raise Alone("no answers were kept")
        self.first = first

    def draws(self, members: Sequence[Quantity]) -> Floats:
        """The quantities in every replicate, ``(quantity, replicate)``.

        Raises:
            Alone: They are not made of the same samples, of too few, or it is not known how.
        """
        statistics = [self._quantity(member) for member in members]
        units, unit = resampled.units(self.first)
        step = max(1, CELLS // unit.size)
        draws = np.empty((len(members), REPLICATES))
        for start in range(0, REPLICATES, step):
            numbers = range(start, min(start + step, REPLICATES))
            drawn = np.stack([resampled.weights(units, i)[unit] for i in numbers])
            weights = drawn.astype(np.float64)
            with np.errstate(divide="ignore", invalid="ignore"):  # a slice that nobody is in
                for k, one in enumerate(statistics):
                    draws[k, numbers.start : numbers.stop] = one(weights)
        draws = draws[:, np.isfinite(draws).all(axis=0)]
        if draws.shape[1] < REPLICATES / 2:
            raise Alone("too few samples to draw from")
        return draws

    def _quantity(self, member: Quantity) -> Statistic:
        (row,) = member.rows
        there = self._statistic(self.this, row["condition"], row["metric"], row["slice"])
        if not member.limit.kind.startswith("max_drop"):
            return there
        run, condition = self.this, CLEAN
        if self.base is not None:
            run, condition = self.base, row["condition"]
        base = self._statistic(run, condition, row["metric"], row["slice"])
        sign = self._sign(row["metric"])
        if member.limit.kind == "max_drop":
            return lambda weights: sign * (base(weights) - there(weights))
        return lambda weights: sign * (1 - there(weights) / base(weights))

    def _statistic(self, run: Summary, condition: str, metric: str, part: str) -> Statistic:
        worse = {self.this.worsening(m): m for m in METRICS}
        if metric in worse:
            base = worse[metric]
            clean, there = (self._statistic(run, name, base, part) for name in (CLEAN, condition))
            sign = self._sign(base)
            return lambda weights: sign * (clean(weights) - there(weights))
        if metric not in METRICS:
            raise Alone(f"how {metric} is made of samples is not known here")
        rows = self._rows(run, condition)
        try:
            inside = inside_of(rows, part)
            if inside is None:
                inside = np.ones(rows.num_rows, np.bool_)
            if metric in resampled.METRICS:
                whole = resampled.statistic(rows.filter(pa.array(inside)), metric)
                return lambda weights: np.array([whole(one) for one in weights[:, inside]])
            of_all = {"metric": metric, "condition": condition, "slice": ALL}
            values = self._reader(run).of(of_all).of(self.first["id"])
        except NoSamples as why:
            raise Alone(str(why)) from None
        summed = np.where(inside, values, 0.0)
        return lambda weights: weights @ summed / (weights @ inside)

    def _reader(self, run: Summary) -> SampleReader:
        return self.readers.setdefault(run.run.as_posix(), SampleReader(run))

    def _sign(self, metric: str) -> int:
        """1 where higher is better, -1 where lower is."""
        return 1 if self.this.better(metric) == "higher" else -1

    def _rows(self, run: Summary, condition: str) -> pa.Table:
        """A condition's answers in the order of the clean ones."""
        same = run is self.this and condition == CLEAN
        rows = self.first if same else answers(run.samples, condition)
        if rows is None:
            raise Alone(f"no answers to {condition} were kept")
        if rows["id"].equals(self.first["id"]):
            return rows
        at = pc.index_in(self.first["id"], value_set=rows["id"].combine_chunks())
        if at.null_count or rows.num_rows != self.first.num_rows:
            raise Alone("the rows have other samples")
        return rows.take(at)


def together(draws: Floats, halves: Sequence[float]) -> float:
    """Half-width of the mean of quantities from their own and the correlation of their draws.

    Quantities whose draws do not vary, or only as one, count as if they moved with all others:
    the result is at most the mean of the half-widths.
    """
    spread = draws.std(axis=1)
    still = spread <= STILL
    scaled = (draws - draws.mean(axis=1, keepdims=True)) / np.where(still, 1.0, spread)[:, None]
    correlation = scaled @ scaled.T / draws.shape[1]
    correlation[still, :] = correlation[:, still] = 1.0
    h = np.asarray(halves)
    return math.sqrt(max(float(h @ correlation @ h), 0.0)) / h.size


def nearest(
    values: Sequence[float],
    near: Sequence[float],
    far: Sequence[float],
    draws: Floats,
    within: tuple[float, float],
) -> float:
    """The near end of an interval of the largest quantity: no smaller truth fits the numbers.

    A truth m of the largest is refuted where the largest standardised excess over m is rarely
    reached by the draws. A quantity that is surely below m is moved down by how far it is so,
    and no longer makes the largest of the draws larger (Romano, Shaikh, Wolf 2014); a tenth of the
    level pays for being sure. Quantities whose draws do not vary count with a normal tail each.

    Args:
        values: The quantities; large is bad.
        near: Half-widths of their 95 % intervals on the side of small values.
        far: The same on the other side.
        draws: The quantities in replicates that they share, ``(quantity, replicate)``.
        within: Where the end lies: after Bonferroni's correction, and without one.
    """
    low, high = within
    unit = z(STORED)
    v, s, f = np.asarray(values), np.asarray(near) / unit, np.asarray(far) / unit
    if not (math.isfinite(low) and s.min() > 0):
        return low
    tail = (1 - STORED) / 2
    upper = v + z(1 - 2 * SURE * tail / v.size) * f
    spread = draws.std(axis=1)
    moving = spread > STILL
    scaled = draws[moving] - draws[moving].mean(axis=1, keepdims=True)
    scaled /= spread[moving, None]
    for _ in range(STEPS):
        m = (low + high) / 2
        most, shift = ((v - m) / s).max(), np.minimum(upper - m, 0.0) / s
        above = (scaled + shift[moving, None] >= most).any(axis=0).mean()
        others = sum(math.erfc((most - one) / math.sqrt(2)) / 2 for one in shift[~moving])
        refuted = above + others <= (1 - SURE) * tail
        low, high = (m, high) if refuted else (low, m)
    return low
