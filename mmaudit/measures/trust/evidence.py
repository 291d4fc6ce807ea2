"""Evidence: what is left as uncertainty by each modality, and how far two of them conflict.

References:
    Josang 2016, "Subjective Logic", doi:10.1007/978-3-319-42337-1 (belief masses of evidence)
    Han et al. 2021, "Trusted multi-view classification" (TMC), arXiv:2102.02051
    Dempster 1967, "Upper and lower probabilities induced by a multivalued mapping",
    doi:10.1214/aoms/1177698950 (conflict)
"""

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.rows import Metric

METRICS = {
    "vacuity": Metric(
        "mean uncertainty that the evidence of the modality leaves, by subjective logic",
        "1",
        low=0.0,
        high=1.0,
    ),
    "vacuity_effect": Metric(
        "of two samples, how much more often the evidence of the modality leaves more uncertainty "
        "in the one whose modality was damaged more",
        "",
        "higher",
        low=-1.0,
        high=1.0,
    ),
    "vacuity_damage_auroc": Metric(
        "how often the evidence of a damaged modality leaves more uncertainty than that of a clean "
        "one",
        "1",
        "higher",
        low=0.0,
        high=1.0,
    ),
    "belief_conflict": Metric(
        "mean over pairs of modalities of the mass that Dempster's rule sets aside as conflict",
        "1",
        low=0.0,
        high=1.0,
    ),
}


def vacuity(evidence: Floats) -> Floats:
    """Uncertainty ``u = K / S`` of evidence, ``S = K + sum_k e_k``.

    Args:
        evidence: 0 or more for each class, ``(..., class)``.

    Returns:
        In (0, 1], ``(...)``.

    Example:
        >>> vacuity(np.array([[0.0, 0.0], [3.0, 3.0]]))
        array([1.  , 0.25])
    """
    classes = evidence.shape[-1]
    return np.asarray(classes / (classes + evidence.sum(axis=-1)))


def belief_conflict(evidence: Floats, present: Bools) -> Floats:
    """Mean over pairs of modalities of ``C = sum_(i != j) b_i c_j``, belief masses ``b = e / S``.

    Args:
        evidence: Of each modality for each class, ``(sample, modality, class)``.
        present: Which modalities count, ``(sample, modality)``.

    Returns:
        In [0, 1), ``(sample,)``; NaN where fewer than two count.
    """
    classes = evidence.shape[2]
    own = np.where(present[..., None], evidence, 0.0)
    belief = own / (classes + own.sum(axis=2, keepdims=True))
    total, mass = belief.sum(axis=1), belief.sum(axis=2)
    both = mass.sum(axis=1) ** 2 - (mass * mass).sum(axis=1)
    same = (total * total).sum(axis=1) - (belief * belief).sum(axis=(1, 2))
    count = present.sum(axis=1)
    pairs = count * (count - 1)
    mean = (both - same) / np.maximum(pairs, 1)
    return np.where(pairs > 0, np.clip(mean, 0.0, 1.0), np.nan)
