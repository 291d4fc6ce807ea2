"""Plain stand-ins for what is compiled in mmaudit: the same numbers with NumPy alone."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.remedies.optimiser import FIRST, SECOND, TINY
from mmaudit.seeds import MASK, philox


def fill(key0: int, key1: int, stream: int, out: NDArray[np.uint32]) -> None:
    """Fill an array, whose size is a multiple of 4, with the words of one stream.

    Example:
        >>> out = np.empty(4, np.uint32)
        >>> fill(1, 2, 0, out)
        >>> out.tolist()
        [93904442, 2563932206, 655331230, 3937864147]
    """
    blocks = np.arange(out.size // 4, dtype=np.int64)
    nothing = np.zeros_like(blocks)
    key = (np.int64(key0 & MASK), np.int64(key1 & MASK))
    words = philox((blocks, nothing, nothing, nothing + stream), key)
    out[:] = np.stack(words, 1).reshape(-1).astype(np.uint32)


def adam_step(
    p: NDArray[np.float32],
    m: NDArray[np.float32],
    v: NDArray[np.float32],
    gradient: NDArray[np.float32],
    move: NDArray[np.float32],
    shrink: NDArray[np.float32],
    scale: np.float32,
) -> None:
    """One update of one parameter and of its moments, in place, ``(lane, number)``.

    Args:
        p: The parameter.
        m: Mean of its gradients.
        v: Mean of their squares.
        gradient: The gradient.
        move: Rate of each lane, ``(lane,)``.
        shrink: What stays of the parameter in each lane, ``(lane,)``.
        scale: What undoes that the mean of squares began at 0.
    """
    m += np.float32(1 - FIRST) * (gradient - m)
    v += np.float32(1 - SECOND) * (gradient * gradient - v)
    moved = move[:, None] * m / (np.sqrt(v * scale) + np.float32(TINY))
    p[:] = shrink[:, None] * p - moved
