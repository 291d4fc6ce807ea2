"""Series: ``(time, channel)`` float32 from nested lists, JSON text or a ``.npy`` file."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Series
from mmaudit.kinds import _arrays
from mmaudit.kinds._media import stem
from mmaudit.kinds.base import (
    Claim,
    Kind,
    LooksLike,
    Shape,
    SourceColumn,
    Undecodable,
)
from mmaudit.kinds.vector import encode, numbers


def decode(cell: Any, shape: Shape) -> Series | None:
    """One series, ``(time, channel)``; a plain list is one channel. None where absent.

    Raises:
        Undecodable: It is not finite numbers, is empty, or has not the channels of the others.
    """
    series = numbers(cell)
    if series is None:
        return None
    if series.ndim == 1:
        series = series[:, None]
    if series.ndim != 2 or not series.size:
        raise Undecodable(f"has the shape {series.shape}, a series is (time, channel)")
    if shape.sizes and series.shape[1] != shape.sizes[0]:
        raise Undecodable(f"has {series.shape[1]} channels, others have {shape.sizes[0]}")
    series = series.astype(np.float32)
    finite = np.isfinite(series)
    if finite.all():
        return series
    if np.isnan(series).all():
        return None
    step, channel = np.unravel_index(int(np.argmin(finite)), series.shape)
    raise Undecodable(f"step {step} of channel {channel} is {series[step, channel]}")


def channels(cell: Any) -> float | None:
    """How many channels a cell has; None where absent."""
    series = decode(cell, Shape())
    return None if series is None else series.shape[1]


def _claims(columns: Sequence[SourceColumn]) -> Iterator[Claim]:
    for column in columns:
        axes = {len(shape) for shape in column.shapes}
        if axes == {2} or (axes == {1} and len(set(column.shapes)) > 1):
            yield Claim(stem(column.name), (column.name,), "lists of different lengths")


def _written(values: list[Any], _names: Sequence[str], _shape: Shape) -> list[pa.Array]:
    """Lists of steps, each a list of its channels."""
    steps = [v for v in values if v is not None]
    widths = [s.shape[1] for s in steps for _ in s]
    inner = pa.ListArray.from_arrays(_arrays.offsets(widths), _arrays.flat(steps))
    return [_arrays.lists(values, inner)]


KIND = Kind(
    decode=decode,
    encode=encode,
    digest=_arrays.digest,
    arrays=_written,
    empty=_arrays.empty,
    listed=4,
    axes=2,
    length=channels,
    looks_like=(LooksLike(2, _claims),),
    pieces=_arrays.stretches,
    size=_arrays.loudness,
    blocks=_arrays.blocks,
    preview=_arrays.preview,
    ball=_arrays.BALL,
)
