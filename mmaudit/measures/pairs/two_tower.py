"""A linear two-tower head: one projection a side, trained so that partners are close.

Small enough that NumPy trains it: gradients are written out, and the steps are AdamW's.

References:
    van den Oord et al. 2018 (InfoNCE), arXiv:1807.03748
    Huang et al. 2021 (NCR: the hinge with the mean over negatives), NeurIPS
    Loshchilov and Hutter 2019 (AdamW), arXiv:1711.05101
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.intervals.blocks import ROWS, blocks, mean
from mmaudit.seeds import Words

Gradient = Callable[[Vectors], Vectors]
DIMENSIONS, RATE, DECAY = 128, 1e-3, 1e-4
TEMPERATURE = 0.07
MOST = 200_000  # pairs that one epoch sees


@dataclass(frozen=True, slots=True)
class Tower:
    """One side's projection.

    Attributes:
        centre: Mean of the training rows, ``(d,)``.
        weights: ``(d, k)``.
    """

    centre: Vectors
    weights: Vectors

    def __call__(self, values: Vectors, rows: Ints | None = None) -> Vectors:
        """Project rows, all by default, and scale them to length one, ``(n, k)``."""
        rows = np.arange(len(values)) if rows is None else rows
        out = np.empty((len(rows), self.weights.shape[1]), np.float32)
        for at in blocks(len(rows)):
            centred = np.asarray(values[rows[at]] - self.centre, np.float32)
            out[at] = _unit(centred @ self.weights)[0]
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How a head is trained.

    Attributes:
        epochs: Passes over the pairs.
        batch: Pairs in a step; each is the others' negative.
        gradient: Of the batch's loss with respect to its similarities, ``(b, b) -> (b, b)``.
    """

    epochs: int
    batch: int
    gradient: Gradient


def info_nce(similarity: Vectors) -> Vectors:
    """Gradient of the symmetric InfoNCE loss, mean over the batch."""
    logits = similarity / TEMPERATURE
    eye = np.eye(len(logits), dtype=np.float32)
    rows = _softmax(logits) + _softmax(logits.T).T - 2 * eye
    return rows / np.float32(2 * len(logits) * TEMPERATURE)


def mean_hinge(similarity: Vectors, margin: float = 0.2) -> Vectors:
    """Gradient of NCR's warm-up loss, mean over negatives and summed over the batch."""
    own = margin - np.diagonal(similarity)
    right = (own[:, None] + similarity > 0).astype(np.float32)
    left = (own[None, :] + similarity > 0).astype(np.float32)
    np.fill_diagonal(right, 0)
    np.fill_diagonal(left, 0)
    out = right + left
    np.fill_diagonal(out, -(right.sum(1) + left.sum(0)))
    return out / np.float32(len(similarity))


def hardest_hinge(similarity: Vectors, margin: Vectors) -> Vectors:
    """Gradient of NCR's loss against the hardest negatives, summed over the batch.

    Args:
        similarity: Of left ``i`` with right ``j``, ``(b, b)``.
        margin: Of each pair, its own in both directions, ``(b,)``.
    """
    rows = np.arange(len(similarity))
    others = similarity.copy()
    np.fill_diagonal(others, -np.inf)
    own = margin - np.diagonal(similarity)
    out = np.zeros_like(similarity)
    for worst, axis in ((others.argmax(1), 1), (others.argmax(0), 0)):
        at = (rows, worst) if axis else (worst, rows)
        active = (own + others[at] > 0).astype(np.float32)
        np.add.at(out, at, active)
        out[rows, rows] -= active
    return out


class Training:
    """Both towers under way: what they say of pairs, and steps that change them.

    Pairs are numbered among those that are trained on. The sides may be memory-mapped: no more of
    them than a batch, or ``held`` rows, is copied.
    """

    def __init__(
        self,
        left: Vectors,
        right: Vectors,
        draw: Words,
        rows: Ints | None = None,
        *,
        held: int = ROWS,
    ) -> None:
        self._sides = (np.asarray(left), np.asarray(right))
        self._taken = np.arange(len(left)) if rows is None else rows
        centres = [_centre(x, self._taken, held) for x in self._sides]
        starts = [
            draw.normals(x.shape[1] * DIMENSIONS, 2 + k).reshape(-1, DIMENSIONS)
            / np.sqrt(x.shape[1])
            for k, x in enumerate(self._sides)
        ]
        self._weights = (starts[0].astype(np.float32), starts[1].astype(np.float32))
        self.towers = (Tower(centres[0], self._weights[0]), Tower(centres[1], self._weights[1]))
        self._steps = [_Adam(w) for w in self._weights]

    @property
    def rows(self) -> int:
        """How many pairs there are."""
        return len(self._taken)

    def similarity(self, rows: Ints) -> Vectors:
        """Of each left row with each right row of a batch, ``(b, b)``."""
        at = self._taken[rows]
        left, right = (t(x, at) for t, x in zip(self.towers, self._sides, strict=True))
        return left @ right.T

    def step(self, rows: Ints, gradient: Gradient) -> None:
        """One step of both towers on a batch of pairs."""
        at = self._taken[rows]
        a, b = (x[at] for x in self._sides)  # copies
        a -= self.towers[0].centre
        b -= self.towers[1].centre
        left, left_length = _unit(a @ self._weights[0])
        right, right_length = _unit(b @ self._weights[1])
        slope = gradient(left @ right.T)
        self._steps[0].take(a.T @ _through_unit(slope @ right, left, left_length))
        self._steps[1].take(b.T @ _through_unit(slope.T @ left, right, right_length))


def batches(order: Ints, size: int) -> Iterator[Ints]:
    """Whole batches of an order of rows; all of them at once where they are fewer, none of none."""
    if not len(order):
        return
    size = min(size, len(order))
    for start in range(0, len(order) - size + 1, size):
        yield order[start : start + size]


def fit(
    left: Vectors,
    right: Vectors,
    recipe: Schedule,
    draw: Words,
    rows: Ints | None = None,
    *,
    held: int = ROWS,
) -> tuple[Tower, Tower]:
    """Train both towers on pairs of rows.

    Args:
        left: ``(n, d)``; row ``i`` belongs to row ``i`` of the other side; may be memory-mapped.
        right: ``(n, e)``.
        recipe: Loss, epochs, batch.
        draw: Randomness of the start and of the order of pairs.
        rows: Pairs to train on, ``(m,)``; all by default.
        held: Rows of a side that are copied at once, beside a batch.

    Returns:
        The two towers.
    """
    training = Training(left, right, draw, rows, held=held)
    for epoch in range(recipe.epochs):
        for batch in batches(draw.permutation(training.rows, 8 + epoch)[:MOST], recipe.batch):
            training.step(batch, recipe.gradient)
    return training.towers


class _Adam:
    """AdamW on one array, in place."""

    def __init__(self, weights: Vectors) -> None:
        self.weights = weights
        self.first, self.second = np.zeros_like(weights), np.zeros_like(weights)
        self.count = 0

    def take(self, gradient: Vectors) -> None:
        """One step against a gradient."""
        self.count += 1
        self.first += np.float32(0.1) * (gradient - self.first)
        self.second += np.float32(0.001) * (gradient * gradient - self.second)
        size = np.float32(RATE / (1 - 0.9**self.count))
        scale = np.sqrt(self.second / np.float32(1 - 0.999**self.count)) + np.float32(1e-8)
        self.weights *= np.float32(1 - RATE * DECAY)
        self.weights -= size * self.first / scale


def _centre(values: Vectors, rows: Ints, held: int) -> Vectors:
    return mean(len(rows), lambda at: values[rows[at]], held)


def _unit(rows: Vectors) -> tuple[Vectors, Vectors]:
    length = np.maximum(np.sqrt(np.einsum("nd,nd->n", rows, rows)), np.float32(1e-12))[:, None]
    return rows / length, length


def _through_unit(gradient: Vectors, rows: Vectors, length: Vectors) -> Vectors:
    along = np.einsum("nd,nd->n", gradient, rows)[:, None]
    return (gradient - rows * along) / length


def _softmax(logits: Vectors) -> Vectors:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)
