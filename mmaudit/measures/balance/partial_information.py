"""What two modalities tell about the label: each alone, both alike, and only together.

Experimental. The parts are means over samples of logarithms of the model's own probabilities, so
they are of what the model knows, not of what the data holds.

References:
    Ince 2017, "Measuring multivariate redundant information with pointwise common change in
    surprisal", doi:10.3390/e19070318: redundancy is the part of the pointwise co-information in
    which all changes of surprisal have one sign; here with the model's joint answer in the place
    of the maximum-entropy one
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.measures.intervals.replicates import Replicates, widened
from mmaudit.measures.tasks.base import FLOOR
from mmaudit.rows import Metric

FEW = 10.0  # parts in n: simulated, from 60 samples on each end errs at most as stated
METRICS = {
    "information_redundant": Metric("information about the label that both have", "nat"),
    "information_unique": Metric("information about the label that one alone has", "nat"),
    "information_synergy": Metric("information about the label only in both together", "nat"),
}


def unique(mean: Replicates) -> Replicates:
    """The mean of what one alone tells: a few samples make it, and its draws vary too little."""
    return widened(mean, FEW)


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of the information of each sample, in nats, each ``(sample,)``; means are the answer.

    Attributes:
        redundant: What both tell alike.
        first: What only the first tells.
        second: What only the second tells.
        synergy: What only both together tell.
    """

    redundant: Floats
    first: Floats
    second: Floats
    synergy: Floats


def partial_information(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    both: NDArray[np.floating],
    prior: NDArray[np.floating],
) -> Parts:
    """Part the information about the true class; the parts add up to that of both.

    Args:
        first: Probability of the true class from the first modality alone, ``(sample,)``.
        second: From the second alone.
        both: From both together.
        prior: Its share among the labels.
    """
    base = np.log(np.maximum(prior, FLOOR))
    one, two, all_ = (np.log(np.maximum(p, FLOOR)) - base for p in (first, second, both))
    common = one + two - all_
    signs = np.sign([one, two, all_, common])
    redundant = np.where((signs == signs[0]).all(axis=0), common, 0.0)
    return Parts(redundant, one - redundant, two - redundant, all_ - one - two + redundant)
