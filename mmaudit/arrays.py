"""Arrays by what they hold; the function that takes one says its shape if it is not said here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]  # numbers that are computed with
Reals = NDArray[np.floating]  # numbers of any precision
Ints = NDArray[np.int64]  # counts, or positions of samples
Codes = NDArray[np.signedinteger]  # the same, as narrow as they fit: not to be computed with
Bools = NDArray[np.bool_]
Vectors = NDArray[np.float32]  # (sample, feature): embeddings, features
Scores = NDArray[np.float32]  # (sample, class): what a model answers
Labels = NDArray[np.generic]  # (sample,): classes by number, or target values
Words = NDArray[np.uint64]  # a random number of each sample
Mask = NDArray[np.bool_]  # (sample, modality): whether it is there, modalities in the model's order

Prints = NDArray[np.uint8]  # (value, byte): fingerprints
Keys = NDArray[np.uint64]  # (value, band) or (value, window, band): what alike values share
Grey = NDArray[Any]  # (height, width) uint8 or float32 levels of light

# decoded values of one sample, as corruptions and models get them
Pixels = NDArray[Any]  # (height, width, channel) uint8 or uint16
Sound = NDArray[np.float32]  # (time, channel) in [-1, 1]
Series = NDArray[np.float32]  # (time, channel)
Vector = NDArray[np.float32]  # (feature,)
Cells = NDArray[Any]  # (column,) objects, a row of a table: float, str, or None where absent
Singles = NDArray[np.float32]  # of any shape: a sound, a series or a vector
Signal = NDArray[np.float64]  # (time, channel) or (time,): a sound while it is computed with


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball:
    """How far an attack may move the value of one sample, severity by severity.

    Attributes:
        norm: ``l2``: the Euclidean length of the change as a share of the value's own length;
            ``linf``: the largest change of one number, in 1/255 of the span of its type.
        radii: The radius at each severity, rising.
        limits: Between which numbers a value stays; None for any. Whole numbers stay whole, and in
            the span of their type.
    """

    norm: Literal["l2", "linf"]
    radii: tuple[float, ...]
    limits: tuple[float, float] | None = None

    @property
    def unit(self) -> str:
        """The unit of a radius."""
        return "/255" if self.norm == "linf" else "of the norm"


def differ(before: Sequence[Any], after: Sequence[Any]) -> Bools:
    """Which values are not what they were, ``(n,)``; NaN is what NaN was.

    Args:
        before: Arrays, texts or whatever else a sample holds; None where it holds nothing.
        after: The same, later.
    """
    return np.array([not _same(a, b) for a, b in zip(before, after, strict=True)], np.bool_)


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if a is None or b is None:
        return False
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return bool(a == b)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype == object:
        return bool(a.tolist() == b.tolist())
    return bool(np.array_equal(a, b) or (a.dtype.kind in "fc" and _equal_beside_nan(a, b)))


def _equal_beside_nan(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return bool(np.isnan(a).any()) and np.array_equal(a, b, equal_nan=True)


def mean_of(arrays: Iterable[NDArray[Any]]) -> Floats | None:
    """The mean of arrays that are gone through in turn, so that one is in memory at a time.

    The same bits as the mean of all of them stacked.

    Args:
        arrays: One or more.

    Returns:
        An array of their shape; None where they have several.

    Example:
        >>> mean_of(np.array([i, 1.0]) for i in range(4))
        array([1.5, 1. ])
    """
    total, small = np.zeros(0), list[NDArray[Any]]()
    for count, array in enumerate(arrays, 1):
        if count == 1:
            total = np.zeros(array.shape)
        if array.shape != total.shape:
            return None
        if array.size == 1:  # single numbers are added in pairs
            small.append(array.copy())
        else:
            total += array
    return np.stack(small).mean(axis=0, dtype=np.float64) if small else total / count
