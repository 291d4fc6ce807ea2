"""Axes: features along their main directions, and in how many of them they vary.

References:
    Pearson 1901, doi:10.1080/14786440109462720 (principal components)
    Roy and Vetterli 2007, "The effective rank: a measure of effective dimensionality"
"""

import math

import numpy as np

from mmaudit.arrays import Floats

LEAST = 1e-9  # of the size of a column, below which its spread is rounding


def scaled(rows: Floats) -> Floats:
    """Each column of ``(n, d)`` with mean 0 and spread 1; 0 where it is constant."""
    if not len(rows):
        return rows
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    least = LEAST * np.maximum(1.0, np.abs(mean))
    return np.asarray((rows - mean) / np.where(spread > least, spread, np.inf))


def axes(rows: Floats, most: int) -> Floats:
    """Rows ``(n, d)`` along their main axes, ``(n, at most most)``, centred."""
    centred = rows - rows.mean(axis=0)
    variances, vectors = _spectrum(centred)
    keep = np.argsort(-variances)[:most]
    keep = keep[variances[keep] > 1e-12 * max(float(variances.max(initial=0.0)), 1e-300)]
    if len(vectors) == len(rows) != rows.shape[1]:  # of products of rows: they lie along the rows
        return vectors[:, keep] * np.sqrt(variances[keep])
    return np.asarray(centred @ vectors[:, keep])


def effective_rank(rows: Floats) -> float:
    """Exponential of the entropy of the shares of variance along the main axes of ``(n, d)``.

    From 1 to the smaller of n - 1 and d; 0 where nothing varies.

    Example:
        >>> round(effective_rank(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])), 3)
        2.0
    """
    variances = _spectrum(rows - rows.mean(axis=0))[0]
    total = float(variances.sum())
    if total <= 0:
        return 0.0
    shares = variances[variances > 0] / total
    return math.exp(float(-(shares * np.log(shares)).sum()))


def _spectrum(centred: Floats) -> tuple[Floats, Floats]:
    """Sums of squares along the main axes, and these, by the smaller of both products."""
    n, d = centred.shape
    value, vectors = np.linalg.eigh(centred.T @ centred if d <= n else centred @ centred.T)
    return np.maximum(value, 0.0), vectors
