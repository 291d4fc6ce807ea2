"""Probe: what one modality tells of the classes by itself, to a small model of its own.

A ridge regression of one-hot labels, linear or on landmarks of a Gaussian kernel. All is closed
form: one decomposition gives the answers for every penalty, and for every row those of a fit that
did not see the row, or any row of its group.

References:
    Williams and Seeger 2001, "Using the Nyström method to speed up kernel machines" (landmarks);
    Cook and Weisberg 1982 (leave-one-out from the hat matrix)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.measures.games.ties import share_right
from mmaudit.rows import Metric

METRICS = {
    "accuracy_reference": Metric(
        "share of right answers of another model that has the modality alone",
        "1", "higher", low=0.0, high=1.0,
    ),
    "gain_over_reference": Metric(
        "accuracy of all minus that of another model that has the modality alone",
        "1", "higher", low=-1.0, high=1.0,
    ),
    "gain_over_best_reference": Metric(
        "accuracy of all minus that of the best other model of one modality",
        "1", "higher", low=-1.0, high=1.0,
    ),
}  # fmt: skip

LANDMARKS = 500
SPREAD = 300  # rows whose median distance sets the width of the kernel
SCALES = (0.25, 1.0, 4.0)  # of that distance
LINEAR = tuple(10.0 ** np.arange(-3, 4))  # penalties, a tenth of a row
KERNEL = tuple(10.0 ** np.arange(-6, 2))

Rows = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Probe:
    """A fitted probe.

    Attributes:
        held_out: Scores of the classes by a fit without the row, or its group, ``(n, class)``.
        accuracy: How often the highest is right; of a tie, one over its number.
        kernel: Whether it is the kernel's rather than the linear one.
        scores: Scores ``(m, class)`` of rows ``(m, d)``.
    """

    held_out: Floats
    accuracy: float
    kernel: bool
    scores: Rows


def probe(rows: Floats, labels: Ints, classes: int, groups: Ints | None = None) -> Probe:
    """Fit the linear and the kernel probes; the one that is right more often on held-out rows.

    Landmarks are the first rows, so the rows come in an order that is random.

    Args:
        rows: Features, ``(n, d)``, finite, ``n`` at least 2.
        labels: Class of each row, ``(n,)``, from 0.
        classes: How many classes there are.
        groups: Group of each row, ``(n,)``; None where rows stand alone.

    Example:
        >>> rows = np.array([[-2.0], [2.0], [-1.0], [1.0], [-3.0], [3.0]])
        >>> probe(rows, np.array([0, 1, 0, 1, 0, 1]), 2).accuracy
        1.0
    """
    scale = _standard(rows)
    plain = scale(rows)
    target = np.eye(classes)[labels]
    best: tuple[float, Floats, bool, Rows] | None = None
    for features, columns, penalties in _forms(plain):
        ridge = _ridge(columns, target, penalties)
        loo = ridge.without(groups)
        accuracy = float(share_right(loo, labels).mean())
        if best is None or accuracy > best[0]:
            best = accuracy, loo, penalties is KERNEL, _joined(features, ridge.answer())
    if best is None:
        raise ValueError("there are no penalties")
    accuracy, held_out, kernel, scores = best
    return Probe(held_out, accuracy, kernel, lambda new: scores(scale(new)))


def held_out_by(rows: Floats, labels: Ints, classes: int) -> Callable[[Ints], Floats]:
    """Scores of each row from the rows of other folds, for any folds: one fit serves all of them.

    The form and the penalty are those that serve rows best that are left out one by one.

    Args:
        rows: Features, ``(n, d)``, finite, in an order that is random.
        labels: Class of each row, ``(n,)``, from 0.
        classes: How many classes there are.

    Returns:
        Takes the fold of each row, ``(n,)``; gives scores, ``(n, class)``.
    """
    plain = _standard(rows)(rows)
    target = np.eye(classes)[labels]
    fits = [_ridge(columns, target, penalties) for _, columns, penalties in _forms(plain)]
    right = [float(share_right(fit.without(None), labels).mean()) for fit in fits]
    return fits[int(np.argmax(right))].without


def _forms(plain: Floats) -> Iterator[tuple[Rows, Floats, Sequence[float]]]:
    """Features of any rows, those of these rows, and penalties: linear, and of three kernels."""
    yield _same, plain, LINEAR
    kernels = _kernels(plain, SCALES)
    apart = _squares(plain, kernels[0].at)
    for kernel in kernels:
        yield kernel, kernel.of(apart), KERNEL


def _same(rows: Floats) -> Floats:
    return rows


def _joined(features: Rows, answer: Rows) -> Rows:
    return lambda rows: answer(features(rows))


def _standard(rows: Floats) -> Rows:
    """Centre and scale by these rows; a column that does not vary becomes 0."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    least = 1e-9 * np.maximum(1.0, np.abs(mean))
    spread = np.where(spread > least, spread, np.inf)
    return lambda new: (new - mean) / spread


def landmarks(rows: Floats, most: int) -> Floats:
    """Features of rows ``(n, d)`` in a Gaussian kernel on the first of them, ``(n, at most most)``.

    Args:
        rows: Features, in an order that is random.
        most: How many landmarks.
    """
    plain = _standard(rows)(rows)
    (kernel,) = _kernels(plain, (1.0,), most)
    return kernel(plain)


@dataclass(frozen=True, slots=True)
class _Kernel:
    """Features whose products are those of a Gaussian kernel, on landmarks.

    Attributes:
        at: The landmarks, ``(landmark, d)``.
        width: What squared distances are multiplied by.
        half: From kernels to features, ``(landmark, rank)``.
    """

    at: Floats
    width: float
    half: Floats

    def of(self, apart: Floats) -> Floats:
        """Features of rows by their squared distances to the landmarks, ``(n, landmark)``."""
        return np.asarray(np.exp(-self.width * apart) @ self.half)

    def __call__(self, new: Floats) -> Floats:
        return self.of(_squares(new, self.at))


def _kernels(rows: Floats, scales: Sequence[float], most: int = LANDMARKS) -> list[_Kernel]:
    """A kernel a scale; distances are measured once for all."""
    at, some = rows[:most], rows[:SPREAD]
    usual = float(np.median(_squares(some, some)[np.triu_indices(len(some), 1)]))
    apart = _squares(at, at)
    kernels = []
    for scale in scales:
        width = 1 / (scale * usual + 1e-12)
        value, vector = np.linalg.eigh(np.exp(-width * apart))
        keep = value > 1e-8 * value.max()
        kernels.append(_Kernel(at, width, vector[:, keep] / np.sqrt(value[keep])))
    return kernels


def _squares(a: Floats, b: Floats) -> Floats:
    lengths = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None]
    return np.maximum(lengths - 2 * a @ b.T, 0.0)


@dataclass(frozen=True, slots=True)
class _Ridge:
    """A ridge regression of one-hot labels, by the decomposition of its features.

    Attributes:
        centred: The features around their middle, ``(n, d)``.
        middle: Their middle, ``(d,)``.
        target: One-hot labels, ``(n, class)``.
        primal: Whether the products of features, not of rows, were decomposed.
        value, vector: What that gave.
        basis: Orthonormal scores of the rows, ``(n, rank)``.
        penalty: The best one.
        loo: Scores of each row by a fit without it, ``(n, class)``.
    """

    centred: Floats
    middle: Floats
    target: Floats
    primal: bool
    value: Floats
    vector: Floats
    basis: Floats
    penalty: float
    loo: Floats

    @property
    def mean(self) -> Floats:
        """Shares of the classes, ``(class,)``."""
        return np.asarray(self.target.mean(axis=0))

    @property
    def projected(self) -> Floats:
        """The labels in the basis, ``(rank, class)``."""
        return self.basis.T @ (self.target - self.mean)

    def without(self, groups: Ints | None) -> Floats:
        """Scores of each row by a fit without it, or without its group, ``(n, class)``."""
        if groups is None:
            return self.loo + (self.target - self.mean) / max(len(self.target) - 1, 1)
        shrink = self.value / (self.value + self.penalty)
        return _without_groups(self.basis, shrink, self.projected, self.target, groups)

    def answer(self) -> Rows:
        """Scores of new rows by the fit of all."""
        inner = np.sqrt(self.value)[:, None] * self.projected if self.primal else self.projected
        inner = self.vector @ (inner / (self.value + self.penalty)[:, None])
        slope = inner if self.primal else self.centred.T @ inner
        return lambda new: (new - self.middle) @ slope + self.mean


def _ridge(rows: Floats, target: Floats, penalties: Sequence[float]) -> _Ridge:
    """The fit whose squared error of rows that were left out is least, over some penalties.

    Shares of the classes are put back to those of all rows where its answers are held out: without
    a row its own class is rarer, and where features say nothing and classes are as frequent as each
    other, that alone would make every answer wrong.
    """
    n = len(rows)
    middle, mean = rows.mean(axis=0), target.mean(axis=0)
    centred = rows - middle
    primal = centred.shape[1] <= n
    value, vector = np.linalg.eigh(centred.T @ centred if primal else centred @ centred.T)
    keep = value > 1e-9 * max(float(value.max()), 1e-12)
    value, vector = value[keep], vector[:, keep]
    basis = centred @ vector / np.sqrt(value) if primal else vector
    projected = basis.T @ (target - mean)
    best: tuple[float, float, Floats] | None = None
    squared = basis * basis
    for penalty in np.asarray(penalties) * n / 10:
        shrink = value / (value + penalty)
        fitted = basis @ (shrink[:, None] * projected) + mean
        hat = squared @ shrink + 1 / n
        loo = target - (target - fitted) / np.maximum(1 - hat, 1e-6)[:, None]
        error = float(((loo - target) ** 2).mean())
        if best is None or error < best[0]:
            best = error, float(penalty), loo
    if best is None:
        raise ValueError("there are no penalties")
    _, penalty, loo = best
    return _Ridge(centred, middle, target, primal, value, vector, basis, penalty, loo)


def _without_groups(
    basis: Floats, shrink: Floats, projected: Floats, target: Floats, groups: Ints
) -> Floats:
    """Scores of each row from the rows of other groups."""
    mean = target.mean(axis=0)
    residual = target - (basis @ (shrink[:, None] * projected) + mean)
    out = np.empty_like(target)
    order = np.argsort(groups, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        hat = (basis[rows] * shrink) @ basis[rows].T + 1 / len(target)
        alone = np.eye(rows.size) * (1 + 1e-9) - hat
        without = target[rows] - np.linalg.solve(alone, residual[rows])
        out[rows] = without + (target[rows] - mean).sum(axis=0) / max(len(target) - rows.size, 1)
    return out
