"""Outlier: the numbers do not go together as they do in the other vectors.

Mahalanobis distance over the square root of the dimension, so that a typical vector has about 1:
numbers as deviations from their medians in robust standard deviations, a covariance of those within
4 of them, shrunk towards a multiple of the identity. Of more than 1,024 numbers, how they go
together is left out.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.checks._usual import FEWEST, Usual, columns
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.vector._numbers import numbers, stacked

WINSOR = 4.0
MOST = 1024  # numbers whose covariance is inverted


@dataclass(frozen=True, slots=True)
class Law:
    """How the vectors of a dataset are distributed.

    Attributes:
        usual: Of each number by itself.
        whiten: ``(d, d)``, or None: the deviations stand by themselves.
    """

    usual: Usual
    whiten: Floats | None


def learn(vectors: Iterable[Floats]) -> Law:
    """Middles, spreads and the covariance of deviations."""
    rows = stacked(vectors)
    usual = columns(rows)
    if rows.shape[1] > MOST:
        return Law(usual, None)
    deviations = np.clip(usual.scaled(rows), -WINSOR, WINSOR)
    deviations -= deviations.mean(0)
    roots = np.linalg.cholesky(np.linalg.inv(_shrunk(deviations)))
    return Law(usual, roots)


def _shrunk(deviations: Floats) -> Floats:
    """The covariance of centred rows by Ledoit and Wolf."""
    n, d = deviations.shape
    raw = deviations.T @ deviations / n
    level = float(np.trace(raw)) / d or 1.0
    far = float(np.square(raw - level * np.eye(d)).sum())
    squares = np.square(deviations)
    noise = float((squares.T @ squares / n - np.square(raw)).sum()) / n
    amount = min(noise / far, 1.0) if far > 0 else 1.0
    return (1 - amount) * raw + max(amount, 1e-6) * level * np.eye(d)


def measure(vector: Floats, law: Law) -> float:
    """Distance in standard deviations a number; NaN for a vector of another length."""
    if vector.shape != law.usual.middle.shape or not len(vector):
        return math.nan
    deviations = law.usual.scaled(vector)
    if law.whiten is not None:
        deviations = deviations @ law.whiten
    return float(np.sqrt(np.square(deviations).mean()))


CHECK = QualityCheck(
    view=numbers,
    measure=measure,
    unit="standard deviations",
    bad="high",
    source="Mahalanobis 1936; shrinkage: Ledoit & Wolf 2004, doi:10.1016/S0047-259X(03)00096-4; "
    "medians for means: ours",
    finding="unlike the others",
    suggestion="look for another extractor, another unit, or a broken file",
    sees=(
        "vector/gaussian_noise",
        "vector/gaussian_noise_snr",
        "vector/salt_and_pepper",
        "vector/dropout",
    ),
    scale="log",
    learn=learn,
    fewest=FEWEST,
)
