"""Dependence against uncertainty: does the model lean on each modality as its certainty deserves?

References:
    Wei, Luo, Luo 2025, "Improving multimodal learning via imbalanced learning" (ARL),
    arXiv:2507.10203, as in its released code: the best dependence on modalities is inverse to the
    ratio of their entropies. Dependence there is the mean absolute unimodal logit; here it is the
    mean distance of the unimodal log probabilities from their mean, which is the same up to what
    a softmax forgets.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmaudit.measures.games.shares import shares
from mmaudit.measures.intervals.replicates import SHARE, Replicates, combine
from mmaudit.rows import Metric

METRICS = {
    "dependence": Metric("share of the size of unimodal logits", "1", low=0.0, high=1.0),
    "deserved_dependence": Metric("share that inverse entropy asks for", "1", low=0.0, high=1.0),
    "dependence_mismatch": Metric(
        "dependence minus what inverse entropy asks for", low=-1.0, high=1.0
    ),
}

FLOOR = 0.6  # of an even share: no entropy counts for less (0.3 of the total for two modalities)


def inverse_entropy_shares(entropies: Sequence[Replicates]) -> list[Replicates]:
    """The dependence that each modality deserves, adding up to 1.

    Args:
        entropies: Mean entropy of the answers of each modality alone.
    """
    count = len(entropies)
    return [combine(lambda *h, k=k: _deserved(h)[k], entropies, SHARE) for k in range(count)]


def mismatches(
    strengths: Sequence[Replicates], entropies: Sequence[Replicates]
) -> list[Replicates]:
    """Dependence minus deserved dependence of each modality; 0 is what theory asks for.

    Args:
        strengths: Mean distance of the log probabilities of each modality alone from their mean.
        entropies: Mean entropy of the answers of each modality alone.
    """
    deserved = inverse_entropy_shares(entropies)
    return [c - r for c, r in zip(shares(strengths), deserved, strict=True)]


def _deserved(entropies: Sequence[Any]) -> Any:
    stacked = np.stack(entropies)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.maximum(stacked / stacked.sum(axis=0), FLOOR / len(entropies))
        inverse = 1 / share
    return inverse / inverse.sum(axis=0)
