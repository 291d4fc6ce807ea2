"""Coalitions: the subsets of the modalities, numbered by bits.

Coalition ``c`` holds modality ``m`` where bit ``m`` of ``c`` is set: 0 is nobody, ``2**M - 1`` is
everybody. A game is an array ``(coalition, sample)`` of what each coalition is worth.
"""

import numpy as np
from numpy.typing import NDArray


def members(modalities: int) -> NDArray[np.bool_]:
    """Who is in each coalition, ``(coalition, modality)``.

    Example:
        >>> members(2).astype(int).tolist()
        [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    numbers = np.arange(1 << modalities)
    return (numbers[:, None] >> np.arange(modalities) & 1).astype(bool)


def players(game: NDArray[np.floating]) -> int:
    """How many modalities a game ``(coalition, sample)`` has.

    Raises:
        ValueError: The number of coalitions is not a power of two.
    """
    count = game.shape[0].bit_length() - 1
    if game.ndim != 2 or game.shape[0] != 1 << count:
        raise ValueError(f"{game.shape} is not (2**M coalitions, samples)")
    return count


def pairs(modalities: int) -> tuple[tuple[int, int], ...]:
    """All pairs of modalities, ``(0, 1), (0, 2), …``: the order of every pairwise table.

    Example:
        >>> pairs(3)
        ((0, 1), (0, 2), (1, 2))
    """
    return tuple((i, j) for i in range(modalities) for j in range(i + 1, modalities))
