"""A linear two-tower head: one projection a side, trained so that partners are close.

Small enough that NumPy trains it: gradients are written out, and the steps are AdamW's.

References:
    van den Oord et al. 2018 (InfoNCE), arXiv:1807.03748
    Huang et al. 2021 (NCR: the hinge with the mean over negatives), NeurIPS
    Loshchilov and Hutter 2019 (AdamW), arXiv:1711.05101
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.seeds import Words

Floats = NDArray[np.float32]
Gradient = Callable[[Floats], Floats]
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

    centre: Floats
    weights: Floats

    def __call__(self, rows: Floats) -> Floats:
        """Project rows and scale them to length one, ``(n, k)``."""
        centred = np.asarray(rows - self.centre, np.float32)
        return _unit(centred @ self.weights)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a head is trained.

    Attributes:
        epochs: Passes over the pairs.
        batch: Pairs in a step; each is the others' negative.
        gradient: Of the batch's loss with respect to its similarities, ``(b, b) -> (b, b)``.
    """

    epochs: int
    batch: int
    gradient: Gradient


def info_nce(similarity: Floats) -> Floats:
    """Gradient of the symmetric InfoNCE loss, mean over the batch."""
    logits = similarity / TEMPERATURE
    eye = np.eye(len(logits), dtype=np.float32)
    rows = _softmax(logits) + _softmax(logits.T).T - 2 * eye
    return rows / np.float32(2 * len(logits) * TEMPERATURE)


def mean_hinge(similarity: Floats, margin: float = 0.2) -> Floats:
    """Gradient of NCR's warm-up loss, mean over negatives and summed over the batch."""
    own = margin - np.diagonal(similarity)
    right = (own[:, None] + similarity > 0).astype(np.float32)
    left = (own[None, :] + similarity > 0).astype(np.float32)
    np.fill_diagonal(right, 0)
    np.fill_diagonal(left, 0)
    out = right + left
    np.fill_diagonal(out, -(right.sum(1) + left.sum(0)))
    return out / np.float32(len(similarity))


def fit(
    left: Floats,
    right: Floats,
    recipe: Recipe,
    words: Words,
    after: Callable[[int, Tower, Tower], None] | None = None,
) -> tuple[Tower, Tower]:
    """Train both towers on pairs of rows.

    Args:
        left: ``(n, d)``; row ``i`` belongs to row ``i`` of the other side.
        right: ``(n, e)``.
        recipe: Loss, epochs, batch.
        words: Randomness of the start and of the order of pairs.
        after: Called after each epoch with its number and the towers.

    Returns:
        The two towers.
    """
    n = len(left)
    sides = (left - left.mean(0), right - right.mean(0))
    weights = tuple(
        (words.normals(x.shape[1] * DIMENSIONS, 2 + k).reshape(-1, DIMENSIONS)).astype(np.float32)
        / np.float32(np.sqrt(x.shape[1]))
        for k, x in enumerate(sides)
    )
    batch = min(recipe.batch, n)
    towers = tuple(Tower(rows.mean(0), w) for rows, w in zip((left, right), weights, strict=True))
    steps = [_Adam(w) for w in weights]
    for epoch in range(recipe.epochs):
        order = words.permutation(n, 8 + epoch)[:MOST]
        for start in range(0, len(order) - batch + 1, batch):
            rows = order[start : start + batch]
            a, b = (x[rows] for x in sides)
            for step, gradient in zip(steps, _gradients(a, b, weights, recipe), strict=True):
                step.take(gradient)
        if after is not None:
            after(epoch, *towers)
    return towers[0], towers[1]


class _Adam:
    """AdamW on one array, in place."""

    def __init__(self, weights: Floats) -> None:
        self.weights = weights
        self.first, self.second = np.zeros_like(weights), np.zeros_like(weights)
        self.count = 0

    def take(self, gradient: Floats) -> None:
        """One step against a gradient."""
        self.count += 1
        self.first += np.float32(0.1) * (gradient - self.first)
        self.second += np.float32(0.001) * (gradient * gradient - self.second)
        size = np.float32(RATE / (1 - 0.9**self.count))
        scale = np.sqrt(self.second / np.float32(1 - 0.999**self.count)) + np.float32(1e-8)
        self.weights *= np.float32(1 - RATE * DECAY)
        self.weights -= size * self.first / scale


def _gradients(
    a: Floats, b: Floats, weights: tuple[Floats, ...], recipe: Recipe
) -> tuple[Floats, Floats]:
    left, left_length = _unit(a @ weights[0])
    right, right_length = _unit(b @ weights[1])
    slope = recipe.gradient(left @ right.T)
    return (
        a.T @ _through_unit(slope @ right, left, left_length),
        b.T @ _through_unit(slope.T @ left, right, right_length),
    )


def _unit(rows: Floats) -> tuple[Floats, Floats]:
    length = np.maximum(np.sqrt(np.einsum("nd,nd->n", rows, rows)), np.float32(1e-12))[:, None]
    return rows / length, length


def _through_unit(gradient: Floats, rows: Floats, length: Floats) -> Floats:
    along = np.einsum("nd,nd->n", gradient, rows)[:, None]
    return (gradient - rows * along) / length


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)
