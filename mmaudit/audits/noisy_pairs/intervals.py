"""Intervals of numbers of pairs that hold for units: groups of pairs vary as a whole."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints
from mmaudit.bounds import ranking, smooth
from mmaudit.measures.pairs.evidence import statistics
from mmaudit.measures.pairs.scoring import Against
from mmaudit.measures.pairs.study import Study
from mmaudit.rows import Estimate


def mean_cosine(values: NDArray[np.float32], unit: Ints) -> Estimate:
    """A mean of cosines by Hall's interval, over independent units."""
    groups = np.unique(unit, return_inverse=True)[1]
    shape = smooth.moments(np.clip(values.astype(np.float64), -1.0, 1.0), groups)
    low, high = shape.ends()
    ends = max(min(low, shape.mean), -1.0), min(max(high, shape.mean), 1.0)
    return Estimate(shape.mean, *ends, len(values))


def auroc(value: float, wrong: int, right: int) -> Estimate:
    """Newcombe's interval of an AUROC."""
    low, high = ranking.newcombe(value, wrong, right)
    return Estimate(value, min(low, value), max(high, value), wrong + right)


def separability(
    study: Study, against: Against, here: Bools, among: Bools, value: float
) -> Estimate:
    """AUROC of some observed pairs against some shuffled ones, over independent units.

    Newcombe's interval supposes normal scores, and scores of matched and mismatched pairs together
    have two humps, so it is the hull of that and of DeLong's.

    Args:
        study: The study of all pairs.
        against: The shuffled pairs.
        here: Which observed pairs, ``(n,)``.
        among: Which shuffled pairs, ``(m,)``.
        value: The AUROC.
    """
    units = np.concatenate([study.unit[here], study.unit[against.pairs.left[among]]])
    high, low = statistics.scores_of(study, against).part(here, among).centred()
    scores, labels = np.concatenate([high, low]), np.repeat([1, 0], [high.size, low.size])
    groups = np.unique(units, return_inverse=True)[1]
    areas = ranking.areas(np.stack([-scores, scores], axis=1), labels, np.array([1]), groups)
    size = min(areas.positives, areas.negatives)
    ends = [areas.ends(), ranking.newcombe(value, size, size)]
    least, most = min(one for one, _ in ends), max(one for _, one in ends)
    return Estimate(value, min(least, value), max(most, value), size)
