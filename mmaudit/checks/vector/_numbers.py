"""Numbers: what the checks of a vector look at."""

from collections.abc import Iterable

import numpy as np

from mmaudit.arrays import Floats, Vector


def numbers(vector: Vector, _rate: float = 0.0) -> Floats:
    """The numbers of a vector, ``(d,)``."""
    return np.asarray(vector, np.float64).ravel()


def stacked(vectors: Iterable[Floats]) -> Floats:
    """Vectors as rows, ``(n, d)``; those that are not as long as the first are left out."""
    rows = list(vectors)
    return np.stack([row for row in rows if row.shape == rows[0].shape])
