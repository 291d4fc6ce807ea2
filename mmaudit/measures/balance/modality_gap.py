"""Samples that one modality knows and the other does not, found as a second hump of the gap.

References:
    arXiv:2510.21797 (2025): a mixture of two normal distributions of the gap between the unimodal
    probabilities of the true class, balanced and imbalanced samples; here of its absolute value,
    and only where two humps are believed
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures.pairs.mixture import bimodality, clean_probability, gaussian, histogram
from mmaudit.rows import Metric

METRICS = {
    "imbalanced_rate": Metric(
        "share of samples in the upper hump of the gap",
        "1",
        "lower",
        low=0.0,
        high=1.0,
        unsure="it is of a mixture that was fitted to the same samples",
    ),
}

FEWEST = 20  # samples that a mixture can be fitted to
BINS = 1024


@dataclass(frozen=True, slots=True)
class Gap:
    """How the gaps divide.

    Attributes:
        imbalanced: Probability that each sample is of the upper hump, ``(sample,)``; all 0 where
            two humps are not believed.
        believed: Whether they are.
    """

    imbalanced: NDArray[np.float64]
    believed: bool


def modality_gap(first: NDArray[np.floating], second: NDArray[np.floating]) -> Gap:
    """Divide samples by the gap between two modalities.

    Args:
        first: Probability of the true class from one modality alone, ``(sample,)``, finite.
        second: The same from the other.
    """
    gap = np.abs(np.asarray(first, np.float64) - second)
    if gap.size < FEWEST or gap.max() == gap.min():
        return Gap(np.zeros(gap.size), believed=False)
    counted = histogram(gap, BINS)
    split = gaussian(counted, iterations=200, tolerance=1e-7, floor=1e-6)
    if not bimodality(counted, split).believed:
        return Gap(np.zeros(gap.size), believed=False)
    return Gap(1.0 - clean_probability(counted, split, gap).astype(np.float64), believed=True)
