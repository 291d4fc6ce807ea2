"""Entropy of answers, and by how much it is past what is usual in training.

References:
    Tian et al. 2020, "UNO: Uncertainty-aware noisy-or multimodal fusion for unanticipated input
    degradation", arXiv:1911.05611 (the deviation ratio; there the logits are multiplied by it)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.rows import Metric

METRICS = {
    "entropy_wrong_auroc": Metric(
        "how often a wrong answer has more entropy than a right one",
        "1",
        "higher",
        low=0.0,
        high=1.0,
    ),
    "entropy_damage_auroc": Metric(
        "how often a damaged sample's answer has more entropy than a clean one's",
        "1",
        low=0.0,
        high=1.0,
    ),
    "entropy_aurc": Metric(
        "share of wrong answers among those of the least entropy, averaged over how many are kept",
        "1",
        "lower",
        low=0.0,
        high=1.0,
        unsure="of few wrong answers draws say little",
    ),
    "deviation_ratio": Metric(
        "by what the logits of the modality alone would be multiplied for entropy that is unusual "
        "in training (UNO); 1 where none is",
        "1",
        low=0.0,
        high=1.0,
        unsure="the training samples that it is held against are a part of what there is",
    ),
}


@dataclass(frozen=True, slots=True)
class UsualEntropy:
    """Entropy of the answers to training samples.

    Attributes:
        mean: Their mean, in nats.
        spread: Their standard deviation, in nats.
        n: Of how many samples.
    """

    mean: float
    spread: float
    n: int


def entropy(answers: NDArray[np.floating]) -> Floats:
    """Shannon entropy of each row, in nats.

    Args:
        answers: Probabilities, ``(n, class)``.

    Example:
        >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).round(3)
        array([0.693, 0.   ])
    """
    p = np.asarray(answers, np.float64)
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    return np.maximum(-(p * logs).sum(axis=1), 0.0)


def usual_entropy(entropies: Floats) -> UsualEntropy:
    """What is usual, of the entropies of training samples, ``(n,)``, of which there is one."""
    return UsualEntropy(float(entropies.mean()), float(entropies.std()), entropies.size)


def deviation_ratio(entropies: Floats, usual: UsualEntropy) -> Floats:
    """UNO's deviation ratio: ``mu / (max(0, H - mu - sigma) + mu)``.

    Args:
        entropies: Of each sample, in nats, ``(n,)``.
        usual: Those of training samples.

    Returns:
        In [0, 1], ``(n,)``: 1 up to a standard deviation above the mean; NaN where the entropy is.

    Example:
        >>> deviation_ratio(np.array([0.1, 0.7]), UsualEntropy(0.2, 0.1, 50)).round(3)
        array([1.   , 0.333])
    """
    past = np.maximum(entropies - usual.mean - usual.spread, 0.0)
    out = np.ones_like(past)
    np.divide(usual.mean, past + usual.mean, out=out, where=past > 0)
    return np.where(np.isfinite(entropies), out, np.nan)
