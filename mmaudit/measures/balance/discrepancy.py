"""Discrepancy ratio: how much more of the truth one modality alone tells than the others do.

References:
    Peng et al. 2022, "Balanced multimodal learning via on-the-fly gradient modulation" (OGM-GE),
    arXiv:2203.15332: ρ is the ratio of the summed probabilities of the true class, each from one
    modality alone; with more than two modalities, against the mean of the others
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmaudit.measures.intervals.replicates import Replicates, combine
from mmaudit.rows import Metric

METRICS = {
    "discrepancy_ratio": Metric(
        "p_true of this model with it alone over the mean of the others': 1 is balance", low=0.0
    ),
}


def discrepancy_ratios(alone: Sequence[Replicates]) -> list[Replicates]:
    """One ratio a modality; 1 is balance, above 1 it leads.

    Args:
        alone: Mean probability of the true class from each modality alone.
    """
    return [combine(lambda *p, k=k: _ratio(p, k), alone) for k in range(len(alone))]


def _ratio(alone: Sequence[Any], k: int) -> Any:
    others = [p for j, p in enumerate(alone) if j != k]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(alone[k], sum(others) / len(others))
