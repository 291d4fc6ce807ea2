"""How evenly modalities share the work: shares of mean |φ| and their Gini coefficient.

References:
    Parcalabescu and Frank 2023, "MM-SHAP", arXiv:2212.08158 (share of absolute Shapley values)
    Gini 1912, "Variabilità e mutabilità"; here divided by its maximum, so that 1 means that one
    modality does everything
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

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
    """0 where all modalities have the same size, 1 where one has everything."""
    return combine(lambda *all_sizes: _gini(all_sizes), sizes, SHARE)


def _share(one: Any, every: Sequence[Any]) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(one, sum(every))


def _gini(sizes: Sequence[Any]) -> Any:
    stacked = np.stack(sizes)
    count = len(sizes)
    apart = np.abs(stacked[:, None] - stacked[None, :]).sum(axis=(0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(apart, 2 * (count - 1) * stacked.sum(axis=0))
