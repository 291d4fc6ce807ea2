"""What misplaced trust costs: accuracy against policies that know what was damaged.

References:
    Zhang et al. 2023, "Provable dynamic fusion for low-quality multimodal data" (QMF),
    arXiv:2306.02050 (dynamic against fixed weights)
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats
from mmaudit.bounds import means
from mmaudit.measures.intervals.bootstrap import groups_of
from mmaudit.rows import Estimate, Metric

METRICS = {
    "accuracy": Metric("share of right answers", "1", "higher", low=0.0, high=1.0),
    "accuracy_drop": Metric(
        "how much less often a damaged sample is right than the same one clean",
        "",
        "lower",
        low=-1.0,
        high=1.0,
    ),
    "oracle_gain": Metric(
        "how much more often a damaged sample would be right if one damaged modality were dropped "
        "wherever that helps",
        "1",
        "lower",
        low=0.0,
        high=1.0,
    ),
    "dose_policy_gain": Metric(
        "how much more often a damaged sample is right if what was damaged beyond a severity is "
        "dropped, the severity chosen on other samples",
        "",
        "lower",
        low=-1.0,
        high=1.0,
    ),
    "fixed_weights_gain": Metric(
        "how much more often a damaged sample is right by the mean of what its modalities say",
        "",
        "lower",
        low=-1.0,
        high=1.0,
    ),
}
FOLDS = 5


def gain(other: Floats, own: Floats, keys: NDArray[np.uint64], low: float = -1.0) -> Estimate:
    """How much more often another way is right, with Gaffke's interval of paired differences.

    Args:
        other: Whether it is right, ``(n,)``.
        own: Whether the model is, ``(n,)``.
        keys: Key of each sample's unit, ``(n,)``.
        low: The least that a difference can be.
    """
    return mean_of(other - own, keys, low)


def mean_of(values: Floats, keys: NDArray[np.uint64], low: float = 0.0) -> Estimate:
    """Mean of values in [low, 1] with Gaffke's interval.

    Args:
        values: One of each sample, ``(n,)``.
        keys: Key of each sample's unit, ``(n,)``.
        low: The least that a value can be.
    """
    data = means.bounded(values, low, 1.0, groups_of(keys))
    ends = means.ends(data, means.TAIL)
    return Estimate(data.mean, min(ends[0], data.mean), max(ends[1], data.mean), data.units)


def out_of_fold(right: Bools, keys: NDArray[np.uint64]) -> Floats:
    """Whether the best of several policies is right, each sample by the best of other folds.

    Args:
        right: Whether each policy is right, ``(n, policy)``; of equally good ones the first wins.
        keys: Key of each sample's unit, ``(n,)``; a unit is in one fold.

    Example:
        >>> right = np.stack([np.zeros(50), np.ones(50)], axis=1)
        >>> float(out_of_fold(right, np.arange(50, dtype=np.uint64)).mean())
        1.0
    """
    fold = np.unique(keys, return_inverse=True)[1].reshape(-1) % FOLDS  # keys are random numbers
    out = np.zeros(len(right))
    for k in range(FOLDS):
        mine = fold == k
        rest = right[~mine]
        best = int(rest.mean(axis=0).argmax()) if len(rest) else 0
        out[mine] = right[mine, best]
    return out
