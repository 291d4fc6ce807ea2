"""Paired bootstrap of statistics that are not means over samples: macro-F1 and calibration error.

Both runs are resampled with the same weights, Poisson(1) for each sample (for each group, where
there are groups), so the spread of the difference is the paired one. The point estimates stay
those of the audits; what is taken from here is the standard deviation of their difference.

References:
    Chamandy, Muralidharan, Najmi, Naidu 2012, "Estimating uncertainty for massive data streams"
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.bounds.calibration import bracket
from mmaudit.seeds import words

REPLICATES = 500
MOST_KEPT = 100_000  # units whose weights are kept: a byte each, 50 MB in all
BINS = 15
UNSEEN = 4.6  # samples, of which one was seen: exp(-4.6) is 1 %
PURPOSE = "gate/bootstrap"
Statistic = Callable[[Floats], float]
# P(Poisson(1) <= k) in units of 2**-32
THRESHOLDS = np.array(
    [round(sum(math.exp(-1) / math.factorial(j) for j in range(k + 1)) * 2**32) for k in range(12)],
    np.uint64,
)
METRICS = {"macro_f1": ("label", "prediction"), "ece": ("confidence", "correct")}


def deviation(
    base: pa.Table, this: pa.Table, metric: str, share: float = 0.0
) -> float | str | None:
    """Standard deviation of ``(1 - share) base - this``, or why they cannot be paired.

    Args:
        base: Answers of the baseline run to one condition.
        this: Answers of this run to the same.
        metric: One of `METRICS`.
        share: For a relative drop.

    Returns:
        The number; None where the answers do not hold what the metric is made of; a reason where
        the runs may not be paired.
    """
    if not all(c in rows.column_names for rows in (base, this) for c in METRICS[metric]):
        return None
    base = base.sort_by("id")
    at = pc.index_in(base["id"], value_set=this["id"].combine_chunks())
    if at.null_count or base.num_rows != this.num_rows:
        return "the runs have other samples"
    this = this.take(at)
    first, second = (statistic(rows, metric) for rows in (base, this))
    count, members = units(base)
    drawn = []
    for replicate in range(REPLICATES):
        one = weights(count, replicate)[members].astype(np.float64)
        if one.any():
            drawn.append((1 - share) * first(one) - second(one))
    return float(np.std(np.array(drawn), ddof=1))


def unseen(rows: pa.Table, metric: str) -> float:
    """How far the difference of two runs may be moved by samples whose like was not seen.

    Draws cannot show it: where no answer differs they do not vary at all. One sample in n moves a
    calibration error by at most 1 / n, and macro-F1 by 2 / (classes x samples of the rarest).
    """
    if metric == "ece":
        return UNSEEN / rows.num_rows
    counts = pc.value_counts(rows["label"]).field("counts").to_numpy()
    return UNSEEN * 2 / (counts.size * int(counts.min()))


def noise(rows: pa.Table, metric: str) -> float:
    """The most by which noise is expected to make the metric too large; it does not average out."""
    if metric != "ece":
        return 0.0
    confidence, correct = (
        rows[name].to_numpy().astype(np.float64) for name in ("confidence", "correct")
    )
    members = units(rows)[1] if "group" in rows.column_names else None
    error = bracket(correct - confidence, bins_of(confidence), BINS, groups=members)
    return error.value - error.least


def units(rows: pa.Table) -> tuple[int, NDArray[np.int64]]:
    """How many units are drawn, and the unit of each row: groups where there are groups."""
    if "group" not in rows.column_names or rows["group"].null_count:
        return rows.num_rows, np.arange(rows.num_rows)
    codes = rows["group"].combine_chunks().dictionary_encode()
    return len(codes.dictionary), codes.indices.to_numpy().astype(np.int64)


def weights(n: int, replicate: int) -> NDArray[np.uint8]:
    """How often each of ``n`` units counts in a replicate, ``(unit,)``, Poisson(1)."""
    return _kept(n, replicate) if n <= MOST_KEPT else _drawn(n, replicate)


def _drawn(n: int, replicate: int) -> NDArray[np.uint8]:
    drawn = words(0, PURPOSE).u32(n, stream=replicate).astype(np.uint64)
    return np.searchsorted(THRESHOLDS, drawn, side="right").astype(np.uint8)


_kept = lru_cache(maxsize=REPLICATES)(_drawn)  # the conditions of a run share their weights


def statistic(rows: pa.Table, metric: str) -> Statistic:
    """A statistic of `METRICS` of some answers, as a function of their weights ``(sample,)``."""
    if metric == "ece":
        return calibration_error(
            rows["confidence"].to_numpy().astype(np.float64),
            rows["correct"].to_numpy().astype(np.float64),
        )
    texts = [pc.cast(rows[name], pa.string()) for name in METRICS[metric]]
    names = pc.unique(pa.chunked_array([c for text in texts for c in text.chunks]))
    label, prediction = (
        pc.index_in(text, value_set=names).to_numpy().astype(np.int64) for text in texts
    )
    return macro_f1(label, prediction, len(names))


def macro_f1(label: NDArray[np.int64], prediction: NDArray[np.int64], classes: int) -> Statistic:
    """Weights to the mean F1 of the classes that occur among the labels."""
    right = label == prediction

    def weighed(weights: Floats) -> float:
        hits = np.bincount(label[right], weights[right], classes)
        true = np.bincount(label, weights, classes)
        answered = np.bincount(prediction, weights, classes)
        there = true > 0
        return float((2 * hits[there] / (true + answered)[there]).mean())

    return weighed


def calibration_error(confidence: Floats, correct: Floats) -> Statistic:
    """Weights to the gap between confidence and accuracy over 15 bins of equal width."""
    bins = bins_of(confidence)
    gap = correct - confidence

    def weighed(weights: Floats) -> float:
        return float(np.abs(np.bincount(bins, weights * gap, BINS)).sum() / weights.sum())

    return weighed


def bins_of(confidence: Floats) -> NDArray[np.int64]:
    """Bin of each confidence, from 0, ``(sample,)``."""
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
