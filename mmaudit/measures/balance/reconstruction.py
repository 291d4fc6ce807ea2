"""How far values that were filled in lie from those that are there.

References:
    Stekhoven & Buehlmann 2012, "MissForest", doi:10.1093/bioinformatics/btr597 (root of the mean
    squared error over the variance; here over the error of the training mean)
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.measures.intervals.bootstrap import REPLICATES, replicated_mean
from mmaudit.measures.intervals.evidence import By
from mmaudit.measures.intervals.replicates import Replicates, combine
from mmaudit.rows import Metric

ERROR, R2 = "reconstruction_error", "reconstruction_r2"
METRICS = {
    ERROR: Metric(
        "root of the mean squared error of what is filled in, over that of the training mean: 1 is "
        "no better than it",
        "",
        "lower",
        low=0.0,
    ),
    R2: Metric(
        "share of the squared error of the training mean that is gone once an imputer fills in; "
        "below 0 it is worse than the mean",
        "",
        "higher",
        high=1.0,
    ),
}


class Reconstruction(NamedTuple):
    """The numbers, in the order of `METRICS`."""

    error: Replicates
    r2: Replicates


def reconstruction(
    errors: Floats, baseline: Floats, keys: NDArray[np.uint64], replicates: int = REPLICATES
) -> Reconstruction | None:
    """How far what was filled in lies from the truth, and how much nearer than the mean does.

    The interval is that of the root of a quotient of two means of the same samples, by the
    bootstrap: by simulation either side errs in at most 3 %, of normal values and of those with
    the tails of Student's t with 4 degrees of freedom, from 50 samples or 60 groups on.

    Args:
        errors: Mean squared error of each sample's value, ``(n,)``, n at least 1.
        baseline: The same of the mean of the training samples, ``(n,)``.
        keys: Bootstrap key of each sample's unit, ``(n,)``.
        replicates: How many draws.

    Returns:
        None where the training mean is right for all samples: there is nothing to fill in.
    """
    if not baseline.any():
        return None
    parts = (
        replicated_mean(errors, keys, replicates),
        replicated_mean(baseline, keys, replicates),
    )
    error = combine(lambda a, b: np.sqrt(_quotient(a, b)), parts, (0.0, math.inf))
    r2 = combine(lambda a, b: 1.0 - _quotient(a, b), parts, (-math.inf, 1.0))

    def ends(tail: float) -> tuple[float, float]:
        """Those of the root: its draws are nearer to normal."""
        root = error.estimate(1 - 2 * tail)
        return 1.0 - root.high**2, 1.0 - root.low**2

    return Reconstruction(error, replace(r2, evidence=By(ends)))


def _quotient(above: Floats, below: Floats) -> Floats:
    """One over another; not a number where the latter is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, np.divide(above, below), np.nan))
