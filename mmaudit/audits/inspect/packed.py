"""Truths of all samples, eight to a byte: many of them are held until the summary is written."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools


@dataclass(frozen=True, slots=True)
class PackedBools:
    """Truth values.

    Attributes:
        bits: Eight to a byte, ``(byte,)``.
        count: How many there are.
    """

    bits: NDArray[np.uint8]
    count: int

    def open(self) -> Bools:
        """All of them, ``(n,)``."""
        return np.unpackbits(self.bits, count=self.count).view(np.bool_)


def packed(those: Bools) -> PackedBools:
    """Hold truth values ``(n,)`` until they are asked for.

    Example:
        >>> packed(np.array([True, False, True])).open()
        array([ True, False,  True])
    """
    return PackedBools(np.packbits(those), those.size)
