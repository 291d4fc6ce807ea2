"""Overfitting against generalisation: how much of what a modality learnt holds on new data.

References:
    Wang, Tran, Feiszli 2020, "What makes training multi-modal classification networks hard?"
    (Gradient-Blending), arXiv:1905.12681: OGR is the growth of the gap between validation and
    training loss over the fall of the validation loss. Between two checkpoints; here the first is
    a model that knows nothing, whose losses are both log K.
"""

import math
from typing import Any

import numpy as np

from mmaudit.measures.intervals.evidence import By
from mmaudit.measures.intervals.replicates import Replicates, combine
from mmaudit.rows import Metric

METRICS = {
    "generalisation_gap": Metric("held-out minus training loss", "", "lower"),
    "overfitting_ratio": Metric("that gap over what was learnt in training", "", "lower"),
}


def overfitting_ratio(train: Replicates, held_out: Replicates, classes: int) -> Replicates:
    """OGR of one modality alone; 0 generalises all that it learnt.

    Not defined where the held-out loss is no lower than that of knowing nothing.

    Args:
        train: Mean loss on the training split, in nats.
        held_out: Mean loss on held-out data, in nats.
        classes: Number of classes.
    """

    def signed(training: Any, new: Any) -> Any:
        learnt = math.log(classes) - new
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(learnt > 0, np.divide(new - training, learnt), np.nan)

    whole = combine(signed, (train, held_out))
    if not math.isfinite(whole.point):
        return whole

    def ends(tail: float) -> tuple[float, float]:
        """Sizes of what may be; 0 where the sign is not sure: of none, either could be seen."""
        near, far = whole.estimate(1 - tail), whole.estimate(1 - 2 * tail)
        least = 0.0 if near.low <= 0 <= near.high else min(abs(near.low), abs(near.high))
        return least, max(abs(far.low), abs(far.high))

    bounds = (0.0, math.inf)
    return Replicates(abs(whole.point), np.abs(whole.draws), whole.n, bounds, evidence=By(ends))
