"""Absence policies compared on the same samples, many comparisons at once.

References:
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x
"""

import math
from collections.abc import Sequence

import numpy as np

from mmaudit.bounds.corrections import benjamini_hochberg
from mmaudit.bounds.means import bounded, p_above, p_below
from mmaudit.bounds.smooth import moments
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.tasks.severity.curves import Derived

LEVEL = 0.05
GAIN = "_gain"
DERIVED = {
    GAIN: Derived(
        "how much better it is under the first absence policy than under the second",
        better="higher",
        bounds=lambda b: (b[0] - b[1], b[1] - b[0]),
    )
}


def shown(family: Sequence[Mean]) -> list[int]:
    """Which means are surely above 0 (1) or below it (-1), else 0, by Benjamini and Hochberg.

    Where none is off 0, at most 5 % of families show one.

    Args:
        family: Paired differences, each of one value a sample.
    """
    adjusted = benjamini_hochberg([min(1.0, 2 * min(_tails(one))) for one in family])
    return [_sign(one) if p <= LEVEL else 0 for p, one in zip(adjusted, family, strict=True)]


def _sign(one: Mean) -> int:
    above, below = _tails(one)
    return 1 if above < below else -1


def _tails(one: Mean) -> tuple[float, float]:
    """P-values of "not above 0", "not below 0"; nothing is sure of few numbers without bounds."""
    values = np.asarray(one.values, np.float64)
    if math.isfinite(one.low) and math.isfinite(one.high):
        data = bounded(values, one.low, one.high, one.groups)
        return p_above(data, 0.0), p_below(data, 0.0)
    shape = moments(values, one.groups)
    if shape.few or one.few():
        return 1.0, 1.0
    return shape.p_above(0.0), shape.p_below(0.0)
