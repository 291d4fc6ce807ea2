"""Pair flip: some labels are those of the next class."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.label import _transitions


class Severity(NamedTuple):
    """How many labels are wrong."""

    rate: float  # share of the samples of every class


def labels(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Turn exactly a share of every class into the next class, the last into the first, ``(n,)``.

    Raises:
        UsageError: The target is not a class.
    """
    row_selection.need_labels(rows, "label/pairflip")
    same = np.eye(rows.classes)
    transition = (1 - severity.rate) * same + severity.rate * np.roll(same, 1, axis=1)
    return _transitions.flipped(rows, transition, seed, "label/pairflip")


PLAN = Plan(
    plan=labels,
    makes="labels",
    severities=tuple(Severity(s) for s in (0.05, 0.1, 0.2, 0.3, 0.45)),
    units={"rate": "share of the labels of each class"},
    source="pair flipping of Co-teaching (arXiv:1804.06872), rate 0.45 (severity 5)",
)
