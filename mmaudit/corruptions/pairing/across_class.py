"""Across class: some samples get the value of a sample of another class."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing import _derange as derange


class Severity(NamedTuple):
    """How many pairs are wrong."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Exchange values between classes, so that the modalities contradict each other.

    Where more than half of the chosen samples are of one class, the excess borrows from samples
    that were not chosen.

    Raises:
        UsageError: The target is not a class, or all samples are of one class.
    """
    labels = row_selection.need_labels(rows, "pairing/across_class")
    choice = derange.choose(rows, severity.rate, seed, "pairing/across_class")
    return derange.exchange(rows, choice, labels)


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="conflicting views of RCML (arXiv:2402.16897): 40 % of test rows get one view of the "
    "next class (severity 4); here of any other class",
)
