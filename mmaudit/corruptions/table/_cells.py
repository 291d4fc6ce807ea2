"""Table rows: cells of different types side by side, and how to change some of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.entry_selection import hit
from mmaudit.seeds import Words

LARGEST = float(np.finfo(np.float64).max)


def where(cells: NDArray[Any], holds: Callable[[Any], bool]) -> NDArray[np.int64]:
    """Positions of the cells for which something holds."""
    positions = [i for i, cell in enumerate(cells.tolist()) if holds(cell)]
    return np.array(positions, np.int64)


def hit_cells(share: float, able: NDArray[np.int64], words: Words) -> NDArray[np.int64]:
    """A share of the cells that can be hit; streams 0 and 1 are used."""
    return able[hit(share, able.size, words)]


def finite(value: float) -> float:
    """The nearest number that is not infinite."""
    return min(max(value, -LARGEST), LARGEST)
