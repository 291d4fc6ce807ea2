"""What becomes of a sample when modalities are taken away: redundant, unique, synergy, conflict.

Shapley values alone cannot tell "right by either" from "right only together": both share the
credit equally. Which coalitions are right can.

References:
    Wei, Feng, Wang, Hu 2024, "Enhancing multimodal cooperation via sample-level modality
    valuation", arXiv:2309.06255 (the table of outcomes of two modalities; here for any number)
"""

import numpy as np
from numpy.typing import NDArray

from mmaudit.rows import Metric

METRICS = {
    "redundant_rate": Metric("share right with all and with several alone", "1", low=0.0, high=1.0),
    "unique_rate": Metric("share right with all and with one alone", "1", low=0.0, high=1.0),
    "synergy_rate": Metric("share right with all and with none alone", "1", low=0.0, high=1.0),
    "conflict_rate": Metric(
        "share wrong with all, though one alone is right", "1", "lower", low=0.0, high=1.0
    ),
    "wrong_rate": Metric(
        "share wrong with all and with each alone", "1", "lower", low=0.0, high=1.0
    ),
}

OUTCOMES = ("redundant", "unique", "synergy", "conflict", "wrong")


def outcomes(alone: NDArray[np.bool_], together: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Each sample's outcome, ``(sample,)``, as an index into `OUTCOMES`.

    With all modalities the answer is right, and right alone are two or more (redundant), one
    (unique) or none (synergy); or it is wrong although one alone is right (conflict), or wrong
    and none is right (wrong).

    Args:
        alone: Whether each modality alone is right, ``(sample, modality)``; False where absent.
        together: Whether all that are present are right, ``(sample,)``.

    Example:
        >>> alone = np.array([[True, True], [True, False], [False, False]])
        >>> [OUTCOMES[i] for i in outcomes(alone, np.array([True, False, True]))]
        ['redundant', 'conflict', 'synergy']
    """
    able = alone.sum(axis=1)
    right = np.select([able >= 2, able == 1], [0, 1], 2)
    return np.where(together, right, np.where(able >= 1, 3, 4)).astype(np.int64)
