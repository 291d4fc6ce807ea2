"""What sounds, series and vectors share: they are arrays of float32 whose first axis is long."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Ball, Singles
from mmaudit.kinds.base import Block, Pieces

if TYPE_CHECKING:
    from PIL import Image

STRETCHES = 16  # pieces of a value
RADII = (0.01, 0.02, 0.05, 0.1, 0.2)  # of its norm; a change 40, 34, 26, 20 and 14 dB below it
BALL = Ball(norm="l2", radii=RADII)


def empty(first: Singles | None, shape: tuple[int, ...]) -> Singles:
    """Zeros like another value, or of a shape."""
    return np.zeros(shape, np.float32) if first is None else np.zeros_like(first)


def loudness(value: NDArray[Any]) -> float:
    """Mean of the absolute values."""
    return float(np.abs(value.astype(np.float64)).mean())


def blocks(values: Sequence[NDArray[Any]]) -> Iterator[Block]:
    """Each value as the channels of its steps or pixels, ``(step, channel)``."""
    for value in values:
        yield value.reshape(-1, value.shape[-1]).astype(np.float64), []


def digest(value: Singles) -> str:
    """sha256 of the shape and the numbers."""
    numbers = np.ascontiguousarray(value, "<f4")
    return sha256(repr(numbers.shape).encode() + numbers.tobytes()).hexdigest()


def stretches(values: Singles) -> Pieces:
    """A value cut into 16 stretches of its first axis; what is taken away is zero."""
    edges = cuts(values.shape[0], STRETCHES)

    def without(mask: NDArray[np.bool_]) -> Singles:
        out = values.copy()
        for edge, keep in zip(edges, mask, strict=True):
            if not keep:
                out[edge] = 0
        return out

    return Pieces(tuple(f"{e.start}-{e.stop}" for e in edges), without, (len(edges),))


def cuts(length: int, most: int) -> list[slice]:
    """An axis in at most so many stretches of about one length."""
    count = max(1, min(length, most))
    return [slice(length * k // count, length * (k + 1) // count) for k in range(count)]


def lists(values: Sequence[Any], flat: pa.Array) -> pa.Array:
    """Values as lists of what they hold, end to end in ``flat``; None is null."""
    lengths = [0 if v is None else len(v) for v in values]
    absent = pa.array([v is None for v in values], pa.bool_())
    return pa.ListArray.from_arrays(offsets(lengths), flat, mask=absent)


def offsets(lengths: Sequence[int]) -> pa.Array:
    """Where lists of some lengths begin and end, as Arrow wants it."""
    return pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int32))


def flat(arrays: Sequence[Singles]) -> pa.Array:
    """The numbers of some arrays end to end."""
    joined = np.concatenate([a.ravel() for a in arrays]) if arrays else np.empty(0, np.float32)
    return pa.array(joined, pa.float32())


def preview(clean: NDArray[Any], worse: NDArray[Any], size: tuple[int, int]) -> "Image.Image":
    """Channels as curves, clean and worse in one picture."""
    from mmaudit.kinds import _drawing  # noqa: PLC0415  only previews need it

    return _drawing.curves(clean, worse, size)
