"""Symmetric: some labels are wrong, and every other class is alike likely."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.label import _transitions


class Severity(NamedTuple):
    """How many labels are wrong."""

    rate: float  # share of the samples


def labels(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Give exactly a share of the samples another class at random, ``(n,)``.

    Raises:
        UsageError: The target is not a class.
    """
    old = row_selection.need_labels(rows, "label/symmetric")
    wrong = _transitions.exact(rows, severity.rate, seed, "label/symmetric")
    draw = row_selection.uniforms(row_selection.numbers(rows, seed, "label/symmetric class")[:, 0])
    new = (old + 1 + (draw * (rows.classes - 1)).astype(np.int64)) % rows.classes
    return np.where(wrong, new, old)


PLAN = Plan(
    plan=labels,
    makes="labels",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.4, 0.6, 0.8)),
    units={"rate": "share of the labels"},
    source="symmetric noise as in Co-teaching (arXiv:1804.06872), rates 0.2, 0.5, 0.8; the rate is "
    "of labels that really are wrong, not of labels that were drawn again",
)
