"""How evenly modalities share the work: shares of mean |φ| and their Gini coefficient.

References:
    Parcalabescu and Frank 2023, "MM-SHAP", arXiv:2212.08158 (share of absolute Shapley values)
    Gini 1912, "Variabilità e mutabilità"; here divided by its maximum, so that 1 means that one
    modality does everything
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from mmaudit.measures.intervals.evidence import By
from mmaudit.measures.intervals.replicates import SHARE, Replicates, combine
from mmaudit.rows import Metric

METRICS = {
    "share": Metric("share of the size of all Shapley values", "1", low=0.0, high=1.0),
    "gini": Metric(
        "inequality of the shares: 0 if alike, 1 if one has everything",
        "1",
        "lower",
        low=0.0,
        high=1.0,
    ),
}


def shares(sizes: Sequence[Replicates]) -> list[Replicates]:
    """Each modality's share of the total, 0 … 1.

    Args:
        sizes: Mean absolute Shapley value of each modality; not defined where all are 0.
    """
    return [
        combine(lambda *all_sizes, k=k: _share(all_sizes[k], all_sizes), sizes, SHARE)
        for k in range(len(sizes))
    ]


def gini(sizes: Sequence[Replicates]) -> Replicates:
    """0 where all modalities have the same size, 1 where one has everything.

    Noise makes sizes that are alike unlike, so the number is too large where they are: its lower
    end allows for as much as the distances of the shares, each two of their standard errors nearer
    to 0, are too large on average.
    """
    plain = combine(lambda *all_sizes: _gini(all_sizes), sizes, SHARE)
    parts = shares(sizes)
    apart = [a - b for a, b in combinations(parts, 2)]
    more = sum(excess(abs(d.point), float(np.nanstd(d.draws))) for d in apart)
    more /= max(len(parts) - 1, 1)

    def ends(tail: float) -> tuple[float, float]:
        estimate = plain.estimate(1 - 2 * tail)
        return estimate.low - more, estimate.high

    return replace(plain, evidence=By(ends))


def excess(distance: float, error: float) -> float:
    """By how much the size of a normal number is above the size of its mean, on average."""
    mean = max(distance - 2 * error, 0.0)
    if not error > 0:
        return 0.0
    z = mean / error
    folded = error * math.sqrt(2 / math.pi) * math.exp(-z * z / 2) + mean * math.erf(
        z / math.sqrt(2)
    )
    return folded - mean


def _share(one: Any, every: Sequence[Any]) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(one, sum(every))


def _gini(sizes: Sequence[Any]) -> Any:
    stacked = np.stack(sizes)
    count = len(sizes)
    apart = np.abs(stacked[:, None] - stacked[None, :]).sum(axis=(0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(apart, 2 * (count - 1) * stacked.sum(axis=0))
