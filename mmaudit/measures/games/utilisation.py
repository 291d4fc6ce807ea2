"""Conditional utilisation: what a model gains from one modality when it has another.

References:
    Wu, Jastrzębski, Cho, Geras 2022, "Characterizing and overcoming the greedy nature of learning
    in multi-modal deep neural networks", arXiv:2202.05306: u(m1|m0) = (A(m0, m1) - A(m0)) /
    A(m0, m1)
"""

from dataclasses import replace
from typing import Any

import numpy as np

from mmaudit.measures.intervals.evidence import Lost, alike
from mmaudit.measures.intervals.replicates import Replicates, combine
from mmaudit.rows import Metric

METRICS = {
    "conditional_utilisation": Metric(
        "share of the pair's accuracy that this model loses without it"
    ),
}


def conditional_utilisation(both: Replicates, without: Replicates) -> Replicates:
    """Share of the accuracy with both that is lost without one of them.

    Args:
        both: Accuracy with both modalities; the share is not defined where it is 0.
        without: Accuracy with the other one alone.
    """

    def share(a: Any, b: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.divide(a - b, a)

    shares = alike((both.evidence, without.evidence))
    return replace(combine(share, (both, without)), evidence=Lost(*shares) if shares else None)
