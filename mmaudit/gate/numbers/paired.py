"""Paired differences of two runs, sample by sample, without drawing random numbers.

The answers of both runs to one condition are joined by sample id. For a metric that is a mean over
samples the difference of the runs is the mean of the samples' differences, so its interval needs
their spread alone.

References:
    Bonett and Price 2012, "Adjusted Wald confidence interval for a difference of binomial
    proportions based on paired data", doi:10.3102/1076998611411915
    Cochran 1977, "Sampling techniques", section 6 (ratio estimator, for groups)
    Abramowitz and Stegun 1964, 26.7.5 (quantile of Student's t)
"""

import math
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.gate.decide import STORED, z
from mmaudit.names import ALL, slice_value
from mmaudit.rows import Estimate

# metric: column of the answers whose mean it is; mae is worked out of two columns
MEANS = {"accuracy": "correct", "nll": "loss", "brier": "brier", "mae": "absolute_error"}
SHARES = {"accuracy"}
SMALL = 200  # below this many units the normal quantile gives way to Student's


@dataclass(frozen=True, slots=True)
class Answers:
    """One value a sample.

    Attributes:
        ids: Id of each sample.
        values: Value of each sample, float64.
        groups: Group of each sample; None where the dataset has no groups.
    """

    ids: pa.ChunkedArray
    values: pa.ChunkedArray
    groups: pa.ChunkedArray | None


def answers(rows: pa.Table, metric: str, part: str) -> Answers | str:
    """One condition's values of a metric, or why there are none.

    Args:
        rows: The rows of the condition, from `mmaudit.tables.run.answers`.
        metric: A metric that is a mean over samples.
        part: ``all``, or a slice as ``NAME=VALUE``.
    """
    column = MEANS[metric]
    source = ["prediction", "label"] if column == "absolute_error" else [column]
    cut, value = slice_value(part)
    slices = [] if part == ALL else [cut]
    for wanted in (*source, *slices):
        if wanted not in rows.column_names:
            return f"the answers have no column {wanted}"
    for one in slices:
        rows = rows.filter(pc.equal(pc.cast(rows[one], pa.string()), value))
    if not rows.num_rows:
        return f"no answer is in {part}"
    if column == "absolute_error":
        values = pc.abs(pc.subtract(rows["prediction"], rows["label"]))
    else:
        values = pc.cast(rows[column], pa.float64())
    grouped = "group" in rows.column_names and not rows["group"].null_count
    return Answers(rows["id"], values, rows["group"] if grouped else None)


def difference(
    base: Answers, this: Answers, *, sign: int, share: float = 0.0, binary: bool = False
) -> Estimate | str:
    """How much worse this run is than the base, or why they cannot be paired.

    Args:
        base: Answers of the baseline run.
        this: Answers of this run.
        sign: +1 where higher values are better, -1 where lower ones are.
        share: For a test of the relative drop r: the estimate is then of drop minus r times base.
        binary: Whether values are 0 or 1.
    """
    at = pc.index_in(base.ids, pa.array(this.ids))
    if at.null_count or len(base.ids) != len(this.ids):
        common = len(at) - at.null_count
        return f"the runs share {common:,} of {len(this.ids):,} and {len(base.ids):,} samples"
    there = pc.take(this.values, at)
    worse = pc.multiply(pc.subtract(base.values, there), float(sign))
    if share:
        worse = pc.subtract(worse, pc.multiply(base.values, share))
    if pc.any(pc.invert(pc.is_finite(worse))).as_py():
        return "an answer holds a number that is not finite"
    if base.groups is not None:
        return of_groups(worse, base.groups)
    if binary and not share:
        lost = pc.sum(pc.equal(worse, 1.0)).as_py() or 0
        won = pc.sum(pc.equal(worse, -1.0)).as_py() or 0
        return of_shares(lost, won, len(worse))
    return of_means(worse)


def of_shares(lost: int, won: int, n: int) -> Estimate:
    """Difference of two shares on the same samples (Bonett and Price 2012).

    Args:
        lost: Samples that were right in the base alone.
        won: Samples that were right in this run alone.
        n: All samples.
    """
    p, q = (lost + 1) / (n + 2), (won + 1) / (n + 2)
    half = z(STORED) * math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    value, middle = (lost - won) / n, p - q
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    return Estimate(value, min(low, value), max(high, value), n)


def of_means(values: pa.ChunkedArray) -> Estimate:
    """Mean of per-sample differences; the interval is infinite for a single sample."""
    n, value = len(values), pc.mean(values).as_py()
    if n < 2:
        return Estimate(value, -math.inf, math.inf, n)
    half = quantile(n - 1) * pc.stddev(values, ddof=1).as_py() / math.sqrt(n)
    return Estimate(value, value - half, value + half, n)


def of_groups(values: pa.ChunkedArray, groups: pa.ChunkedArray) -> Estimate:
    """Mean over samples whose groups vary together: the ratio estimator over groups."""
    table = pa.table({"value": values, "group": groups})
    sums = table.group_by("group").aggregate([("value", "sum"), ("value", "count")])
    value = pc.mean(values).as_py()
    rest = pc.subtract(sums["value_sum"], pc.multiply(sums["value_count"], value))
    g, n = sums.num_rows, len(values)
    if g < 2:
        return Estimate(value, -math.inf, math.inf, g)
    spread = math.sqrt(g / (g - 1) * pc.sum(pc.multiply(rest, rest)).as_py()) / n
    half = quantile(g - 1) * spread
    return Estimate(value, value - half, value + half, g)


def quantile(freedom: int, level: float = STORED) -> float:
    """Two-sided quantile of Student's t, normal from `SMALL` degrees of freedom up."""
    q = z(level)
    if freedom >= SMALL:
        return q
    terms = (
        (q**3 + q) / 4,
        (5 * q**5 + 16 * q**3 + 3 * q) / 96,
        (3 * q**7 + 19 * q**5 + 17 * q**3 - 15 * q) / 384,
        (79 * q**9 + 776 * q**7 + 1482 * q**5 - 1920 * q**3 - 945 * q) / 92160,
    )
    return q + sum(term / freedom ** (i + 1) for i, term in enumerate(terms))


def apart(base: Estimate, this: Estimate, sign: int, share: float = 0.0) -> Estimate:
    """Difference of two estimates of which nothing but the intervals is known.

    Square-and-add (Zou and Donner 2008, doi:10.1002/sim.3095) as for independent samples; where
    the runs saw the same samples the true interval is narrower, never wider.
    """
    a, b = 1 - share * sign, 1.0  # worse - share base = sign ((1 - sign share) base - this)
    value = a * base.value - b * this.value
    low = value - math.hypot(a * (base.value - base.low), b * (this.high - this.value))
    high = value + math.hypot(a * (base.high - base.value), b * (this.value - this.low))
    if sign < 0:
        value, low, high = -value, -high, -low
    return Estimate(value, low, high, min(base.n, this.n))
