"""Series: ``(time, channel)`` float32 from nested lists, JSON text or a ``.npy`` file."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Series, Vectors
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

WINDOWS = 16  # of plain features


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


def features(series: Series) -> Vectors:
    """Means of windows, ``(WINDOWS * channel,)``, all channels of the first window first.

    Windows cut the series' own time evenly, so that series of any lengths have as many; a step of
    one that is shorter stands in every window that begins in it. What is not finite is absent: a
    window without any value has the channel's mean, a channel without any is 0.

    Args:
        series: ``(time, channel)``; it may have no step.
    """
    steps = np.asarray(series, np.float64)
    there = np.isfinite(steps)
    values = np.where(there, steps, 0.0)
    starts = np.arange(WINDOWS) * len(steps) // WINDOWS
    ends = np.maximum(starts + 1, np.append(starts[1:], len(steps)))

    def means(of: slice) -> Vectors:
        return values[of].sum(axis=0) / np.maximum(there[of].sum(axis=0), 1)

    cuts = [slice(*ends_of) for ends_of in zip(starts.tolist(), ends.tolist(), strict=True)]
    own = np.stack([means(cut) for cut in cuts])
    empty = ~np.stack([there[cut].any(axis=0) for cut in cuts])
    return np.where(empty, means(slice(None)), own).astype(np.float32).ravel()


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
    features=features,
    steps=WINDOWS,
    size=_arrays.loudness,
    blocks=_arrays.blocks,
    preview=_arrays.preview,
    ball=_arrays.BALL,
)
