"""Asymmetric: some labels are wrong, and each class is confused with its own others."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.label import _transitions
from mmaudit.errors import UsageError


class Severity(NamedTuple):
    """How many labels are wrong, and which way."""

    rate: float  # share of the samples of every class
    matrix: tuple[tuple[float, ...], ...] = ()  # (class, class) weights of confusions; see labels


def labels(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Turn exactly a share of every class into others as the matrix weighs them, ``(n,)``.

    Row ``a`` of the matrix holds the weights of the classes that ``a`` is taken for; its diagonal
    is not looked at, and a class whose row is zero is never confused. Without a matrix a class is
    taken for the two classes beside it, the first and the last for one.

    Raises:
        UsageError: The target is not a class, or the matrix is not of its classes.
    """
    row_selection.need_labels(rows, "label/asymmetric")
    matrix = severity.matrix
    if matrix and [len(row) for row in matrix] != [rows.classes] * rows.classes:
        raise UsageError(
            f"label/asymmetric has a matrix of {len(matrix)} rows for {rows.classes} classes",
            fix="one row and one column for each class",
        )
    weights = np.array(matrix, np.float64) if matrix else _beside(rows.classes)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise UsageError(
            "label/asymmetric has a matrix with numbers below 0", fix="weights of 0 or more"
        )
    np.fill_diagonal(weights, 0.0)
    total = weights.sum(axis=1, keepdims=True)
    transition = severity.rate * np.divide(weights, total, where=total > 0, out=0 * weights)
    return _transitions.flipped(rows, transition, seed, "label/asymmetric")


def _beside(classes: int) -> NDArray[np.float64]:
    return np.eye(classes, k=1) + np.eye(classes, k=-1)


PLAN = Plan(
    plan=labels,
    makes="labels",
    severities=tuple(Severity(s) for s in (0.05, 0.1, 0.2, 0.3, 0.4)),
    units={"rate": "share of the labels of each class", "matrix": "weights"},
    source="class-dependent noise with a transition matrix (Patrini et al. 2017, "
    "arXiv:1609.03683), rate 0.4 (severity 5); counts are exact in every class",
)
