"""Numbers: arithmetic that makes no NaN and no infinity, in the type of the sample."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats


def computed(
    clean: NDArray[np.floating], change: Callable[[Floats], Floats]
) -> NDArray[np.floating]:
    """Change numbers in float64 and bring them back to their type.

    What was finite stays finite (it stops at the largest number of the type). What was not a
    finite number is left as it was, and the rest of the sample sees a zero in its place.

    Args:
        clean: Numbers of any floating type; not changed.
        change: Function of the numbers as float64 to an array of the same shape.
    """
    finite = np.isfinite(clean)
    wide = np.where(finite, clean, 0.0).astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        worse = change(wide)
    limits = np.finfo(clean.dtype)
    bounded = np.clip(worse, limits.min, limits.max).astype(clean.dtype)
    return np.where(finite & ~np.isnan(worse), bounded, clean)


def usable(statistic: Floats, size: int) -> Floats:
    """A statistic for each dimension, ``(size,)``, with 0 where it is not a finite number.

    Args:
        statistic: One number for each dimension, or one for all.
        size: How many dimensions the sample has.
    """
    numbers = np.asarray(statistic, np.float64)
    return np.broadcast_to(np.where(np.isfinite(numbers), numbers, 0.0), (size,))


def signs(uniforms: Floats) -> Floats:
    """-1 or 1 for each random number in (0, 1)."""
    return np.where(uniforms < 0.5, -1.0, 1.0)
