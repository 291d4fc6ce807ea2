"""Similarity of the two sides of a pair, and the same against every possible re-pairing.

The cosine of a pair says little without knowing what cosines its two sides have with anything. The
mean and the standard deviation of ``x . y_j`` over all ``n`` partners ``y_j`` are
``x . mean(y)`` and ``sqrt(x' Cov(y) x)``: exact, over all ``n**2`` re-pairings, in one pass.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.intervals.blocks import LARGE, ROWS, blocks, computed, mean

COLUMNS = 128  # of a block of the covariance: only blocks on and above its diagonal are used
ROUNDING = 1e-4
SMALLEST = 1e-4  # added to a standard deviation: a side that is alike to all says nothing


@dataclass(frozen=True, slots=True)
class Null:
    """Mean and standard deviation of each side's cosine with all partners.

    Attributes:
        left_mean: Of each left value over all right values, ``(n,)``.
        left_sd: Its standard deviation, ``(n,)``.
        right_mean: Of each right value over all left values, ``(n,)``.
        right_sd: Its standard deviation, ``(n,)``.
    """

    left_mean: Vectors
    left_sd: Vectors
    right_mean: Vectors
    right_sd: Vectors


def unit(values: NDArray[np.floating], *, held: int = ROWS, large: int = LARGE) -> Vectors:
    """Scale each row to length one, ``(n, d)``; a row of zeros stays.

    Rows that have length one already are not copied, so they may be memory-mapped; others are
    made as `blocks.computed` says.

    Args:
        values: The rows, ``(n, d)``.
        held: Rows held at once.
        large: Bytes from which a table that is made of a mapped one is mapped too.
    """
    length = np.sqrt(paired_cosine(values, values, held=held))
    if np.abs(length - 1.0).max(initial=0.0) < ROUNDING:
        if values.dtype == np.float32:
            return np.asarray(values, np.float32)
        length[:] = 1.0
    size = np.where(length > 0, length, np.float32(1.0))[:, None]
    return computed(
        values, values.shape[1], lambda at: _single(values[at]) / size[at], held=held, large=large
    )


def standard(values: NDArray[np.floating], *, held: int = ROWS, large: int = LARGE) -> Vectors:
    """Scale each column to mean zero and variance one, then each row to length one, ``(n, d)``.

    Args:
        values: As of `unit`, and so are the others.
        held: Rows held at once.
        large: Bytes of a large table.
    """

    def double(at: slice) -> NDArray[np.float64]:
        return _single(values[at]).astype(np.float64)

    centre = mean(len(values), double, held)
    sd = np.sqrt(mean(len(values), lambda at: (double(at) - centre) ** 2, held))
    scale = np.where(sd > 0, sd, 1.0)
    scaled = computed(
        values, values.shape[1], lambda at: (double(at) - centre) / scale, held=held, large=large
    )
    return unit(scaled, held=held, large=large)


def cosine(left: Vectors, right: Vectors, i: Ints, j: Ints) -> Vectors:
    """Cosine of left value ``i`` and right value ``j`` of each pair, ``(pair,)``, in [-1, 1].

    Args:
        left: Rows of length one, ``(n, d)``; may be memory-mapped.
        right: Likewise, in the same space.
        i: Row on the left of each pair, ``(pair,)``.
        j: Row on the right.
    """
    out = np.empty(len(i), np.float32)
    for start in range(0, len(i), ROWS):
        at = slice(start, start + ROWS)
        out[at] = np.einsum("nd,nd->n", left[i[at]], right[j[at]])
    return out


def paired_cosine(
    left: NDArray[np.floating], right: NDArray[np.floating], *, held: int = ROWS
) -> Vectors:
    """Cosine of row ``i`` with row ``i``, ``(n,)``, ``held`` rows at a time."""
    out = np.empty(len(left), np.float32)
    for at in blocks(len(left), held):
        out[at] = np.einsum("nd,nd->n", _single(left[at]), _single(right[at]))
    return out


def null(left: Vectors, right: Vectors, *, block: int = ROWS) -> Null:
    """Exact moments of the cosine over all ``n**2`` re-pairings.

    Args:
        left: As of `cosine`.
        right: Likewise.
        block: Rows held at once.
    """
    left_mean, left_sd = _moments(left, *_spread(right, block), block)
    right_mean, right_sd = _moments(right, *_spread(left, block), block)
    return Null(left_mean, left_sd, right_mean, right_sd)


def standardised(cosines: Vectors, moments: Null, i: Ints, j: Ints) -> Vectors:
    """How far a pair's cosine is above those of its two sides with anything, ``(pair,)``.

    Returns:
        Mean over the two sides of the distance in standard deviations.
    """
    left = (cosines - moments.left_mean[i]) / (moments.left_sd[i] + SMALLEST)
    right = (cosines - moments.right_mean[j]) / (moments.right_sd[j] + SMALLEST)
    return np.asarray((left + right) / 2, np.float32)


def _single(rows: NDArray[np.floating]) -> Vectors:
    """Rows in single precision, not copied where they are in it."""
    return np.asarray(rows, np.float32)


def _spread(values: Vectors, block: int) -> tuple[Vectors, Vectors]:
    """Mean and population covariance of rows, accumulated in double precision."""
    n, d = values.shape
    centre = np.asarray(values[:block], np.float64).mean(0).astype(np.float32)
    total, squares = np.zeros(d), np.zeros((d, d))
    for start in range(0, n, block):
        rows = np.asarray(values[start : start + block], np.float32) - centre
        total += rows.sum(0, dtype=np.float64)
        squares += rows.T @ rows
    shift = total / n
    covariance = squares / n - np.outer(shift, shift)
    return (centre + shift).astype(np.float32), covariance.astype(np.float32)


def _moments(
    values: Vectors, mean: Vectors, covariance: Vectors, block: int
) -> tuple[Vectors, Vectors]:
    n, d = values.shape
    means, variance = np.empty(n, np.float32), np.zeros(n, np.float32)
    # x' C x = x' T x, T being the blocks of C above the diagonal twice and on it once
    twice = 2.0 * covariance
    for start in range(0, d, COLUMNS):
        at = slice(start, start + COLUMNS)
        twice[at, at] = covariance[at, at]
    for start in range(0, n, block):
        rows = np.asarray(values[start : start + block], np.float32)
        here = slice(start, start + block)
        means[here] = rows @ mean
        for first in range(0, d, COLUMNS):
            at = slice(first, first + COLUMNS)
            half = rows[:, : first + COLUMNS] @ twice[: first + COLUMNS, at]
            variance[here] += np.einsum("nd,nd->n", half, rows[:, at])
    return means, np.sqrt(np.maximum(variance, 0.0))
