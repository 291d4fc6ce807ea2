"""Numbers: back from wide arithmetic to the type of the sample, and statistics that can be used."""

import numpy as np
from numpy.typing import NDArray


def like(wide: NDArray[np.float64], clean: NDArray[np.floating]) -> NDArray[np.floating]:
    """Bring a result back to the type of the clean values.

    What was finite stays finite (it stops at the largest number of the type), and what was not a
    finite number is left as it was.
    """
    limits = np.finfo(clean.dtype)
    known = np.isfinite(clean)
    bounded = np.clip(np.where(known, wide, 0.0), limits.min, limits.max)
    return np.where(known, bounded.astype(clean.dtype), clean)


def usable(statistic: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """A statistic for each dimension, ``(size,)``, with 0 where it is not a finite number.

    Args:
        statistic: One number for each dimension, or one for all.
        size: How many dimensions the sample has.
    """
    told = np.asarray(statistic, np.float64)
    return np.broadcast_to(np.where(np.isfinite(told), told, 0.0), (size,))
