"""What a modality is like as a whole: mean, spread, range and categories, in two passes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.errors import InputError, UsageError
from mmaudit.kinds.base import Block, load_kind
from mmaudit.manifest.splits import serving
from mmaudit.samples.dataset import Dataset

AT_ONCE = 1024  # samples
FEW = 16  # samples at once of what is heavy
STEPS = 24  # bits of half a column's range
SUMMED = 4096  # squares of 2 * STEPS bits that fit into 64


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """Statistics of a modality, one number for each dimension, channel or table column.

    Attributes:
        mean: Mean.
        sd: Standard deviation (of the population: divided by ``count``).
        low: Smallest value.
        high: Largest value.
        count: How many values each is of. All five are NaN or 0 for a categorical column, and
            for one without a value.
        categories: Values of each categorical table column, sorted; empty for numbers.
        split: The split that was measured; empty for all samples.
    """

    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    count: NDArray[np.int64]
    categories: tuple[tuple[str, ...], ...]
    split: str


@dataclass
class _Extent:
    """What one pass finds: how many values, how small, how large, which categories."""

    count: Floats
    low: Floats
    high: Floats
    categories: list[set[str]]

    @classmethod
    def of(cls, width: int) -> "_Extent":
        low, high = np.full(width, np.inf), np.full(width, -np.inf)
        return cls(np.zeros(width), low, high, [set() for _ in range(width)])

    def add(self, block: Floats, categories: list[set[str]]) -> None:
        """Take in values ``(n, width)``; NaN is no value."""
        there = np.isfinite(block)
        self.count = self.count + there.sum(0)
        self.low = np.minimum(self.low, np.where(there, block, np.inf).min(0))
        self.high = np.maximum(self.high, np.where(there, block, -np.inf).max(0))
        for names, more in zip(self.categories, categories, strict=False):
            names.update(more)


@dataclass
class _Moments:
    """What the second pass sums, in integers, so that the order of the rows does not matter.

    A value is taken as a whole number of steps from the middle of its column's range; a step is
    2**-24 of half the range. The noise of a sample is in units of the spread, so a last bit that
    depended on the order of the rows would change the noise of every sample.
    """

    middle: Floats
    step: Floats
    first: Any  # sums of whole numbers, of any size
    second: Any

    @classmethod
    def of(cls, extent: _Extent) -> "_Moments":
        low, high = (np.where(extent.count > 0, e, 0.0) for e in (extent.low, extent.high))
        middle = low / 2 + high / 2
        step = np.maximum(high / 2 - low / 2, np.finfo(np.float64).tiny) / 2**STEPS
        zero = np.zeros(middle.size, np.object_)
        return cls(middle, step, zero, zero)

    def add(self, block: Floats) -> None:
        """Take in values ``(n, width)``; NaN is no value."""
        for start in range(0, len(block), SUMMED):
            part = block[start : start + SUMMED]
            offset = np.where(np.isfinite(part), (part - self.middle) / self.step, 0.0)
            whole = np.rint(offset).astype(np.int64)
            self.first = self.first + whole.sum(0).astype(np.object_)
            self.second = self.second + (whole * whole).sum(0).astype(np.object_)

    def done(self, extent: _Extent, split: str) -> ColumnStatistics:
        """The statistics of all that was taken in."""
        none = extent.count == 0
        nan, n = np.where(none, np.nan, 0.0), [max(int(c), 1) for c in extent.count]
        mean = np.array([a / k for a, k in zip(self.first, n, strict=True)])
        variance = np.array(
            [(b * k - a * a) / (k * k) for a, b, k in zip(self.first, self.second, n, strict=True)]
        )
        return ColumnStatistics(
            mean=self.middle + mean * self.step + nan,
            sd=np.sqrt(variance) * self.step + nan,
            low=np.where(none, np.nan, extent.low),
            high=np.where(none, np.nan, extent.high),
            count=extent.count.astype(np.int64),
            categories=tuple(tuple(sorted(names)) for names in extent.categories),
            split=split,
        )


def column_statistics(dataset: Dataset, modality: str) -> ColumnStatistics:
    """Statistics of one modality, on the training split where there is one.

    Args:
        dataset: The samples; where none of the training split has a value, all are taken.
        modality: Name of a modality of any kind but text. Images and sounds count where they
            have as many channels as the first one.

    Raises:
        UsageError: There is no such modality, or it is text.
        InputError: No sample has a value.
    """
    dataset.shape(modality)  # refuses an unknown name
    kind = dataset.kinds[modality]
    if load_kind(kind).blocks is None:
        raise UsageError(
            f"the modality {modality!r} is {kind}, which has no mean", fix="another one"
        )
    positions, split = _training(dataset)
    extent = _extent(dataset, modality, positions)
    if extent is None and split:
        positions, split = np.arange(len(dataset)), ""
        extent = _extent(dataset, modality, positions)
    if extent is None:
        raise InputError(
            f"no sample has a value of {modality!r}",
            where=dataset.manifest.file or dataset.manifest.name,
            fix="check the modality's column",
        )
    moments = _Moments.of(extent)
    for block, _ in _every(dataset, modality, positions):
        if block.shape[1] == extent.count.size:
            moments.add(block)
    return moments.done(extent, split)


def _extent(dataset: Dataset, modality: str, positions: NDArray[np.int64]) -> _Extent | None:
    """Between what values lie; None where there are none."""
    extent: _Extent | None = None
    for block, categories in _every(dataset, modality, positions):
        extent = extent or _Extent.of(block.shape[1])
        if block.shape[1] == extent.count.size:  # pictures may have other channels
            extent.add(block, categories)
    return extent


def _every(dataset: Dataset, modality: str, positions: NDArray[np.int64]) -> Iterator[Block]:
    """Values at some positions as `mmaudit.kinds.base.Block`, a few samples at a time."""
    kind, shape = load_kind(dataset.kinds[modality]), dataset.shape(modality)
    step = FEW if kind.media else AT_ONCE
    for start in range(0, positions.size, step):
        cells = dataset.cells(modality, positions[start : start + step])
        values, _ = kind.column(cells, shape)
        if kind.blocks is not None:
            yield from kind.blocks([v for v in values if v is not None])


def _training(dataset: Dataset) -> tuple[NDArray[np.int64], str]:
    splits: pa.Array = dataset.column("split")
    name = serving("train", [s for s in splits.unique().to_pylist() if s is not None])
    if name is None:
        return np.arange(len(dataset)), ""
    return np.flatnonzero(np.array([s == name for s in splits.to_pylist()], np.bool_)), name
