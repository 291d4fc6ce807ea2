"""CAL's contribution of a modality, from what it brings and how sure it is. Our reading.

Only the abstract of the paper is public: it combines information I(m) and confidence D(m). Here
I(m) is the mean Shapley value, scaled to 0 … 1 over the modalities, D(m) is one minus the mean
entropy of the answers of the modality alone over log K, and the weights are the softmax of their
mean at temperature 1/4.

References:
    Xu, Kou, Wu, Liu 2025, "Contribution-guided asymmetric learning", arXiv:2510.26289
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mmaudit.measures.intervals.replicates import SHARE, Replicates, combine
from mmaudit.rows import Metric

METRICS = {
    "cal_contribution": Metric("weight from contribution and unimodal confidence", "1"),
}

SHARPNESS = 4.0
BLEND = 0.5


def cal_contributions(
    phi: Sequence[Replicates], entropies: Sequence[Replicates], classes: int
) -> list[Replicates]:
    """Weights of the modalities, adding up to 1.

    Args:
        phi: Mean Shapley value of each modality.
        entropies: Mean entropy of the answers of each modality alone, in nats.
        classes: Number of classes.
    """
    every, count = (*phi, *entropies), len(phi)
    return [
        combine(lambda *v, k=k: _weights(v[:count], v[count:], classes)[k], every, SHARE)
        for k in range(count)
    ]


def _weights(phi: Sequence[Any], entropies: Sequence[Any], classes: int) -> Any:
    brought, unsure = np.stack(phi), np.stack(entropies)
    low, high = brought.min(axis=0), brought.max(axis=0)
    width = np.where(high > low, high - low, 1.0)
    information = np.where(high > low, (brought - low) / width, 0.5)
    confidence = 1 - unsure / math.log(classes)
    sharp = np.exp(SHARPNESS * (BLEND * information + (1 - BLEND) * confidence))
    return sharp / sharp.sum(axis=0)
