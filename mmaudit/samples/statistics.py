"""What a modality is like as a whole: mean, spread, range and categories, in one pass."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import InputError, UsageError
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import column

AT_ONCE = 1024  # samples
FEW = 16  # samples at once of what is heavy
HEAVY = frozenset({"image", "audio"})
TRAIN = ("train", "training")

Numbers = NDArray[np.float64]


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

    mean: Numbers
    sd: Numbers
    low: Numbers
    high: Numbers
    count: NDArray[np.int64]
    categories: tuple[tuple[str, ...], ...]
    split: str


@dataclass
class _Running:
    """Moments of the values seen so far, merged block by block (Chan et al. 1983)."""

    count: Numbers
    mean: Numbers
    square: Numbers  # sum of squared distances from the mean
    low: Numbers
    high: Numbers
    categories: list[set[str]] = field(default_factory=list)

    @classmethod
    def of(cls, width: int) -> "_Running":
        zero = np.zeros(width)
        low, high = np.full(width, np.inf), np.full(width, -np.inf)
        return cls(zero, zero, zero, low, high, [set() for _ in range(width)])

    def add(self, block: Numbers) -> None:
        """Take in values ``(n, width)``; NaN is no value."""
        there = np.isfinite(block)
        count = there.sum(0)
        some = np.maximum(count, 1)
        mean = np.where(there, block, 0.0).sum(0) / some
        square = np.where(there, (block - mean) ** 2, 0.0).sum(0)
        total = np.maximum(self.count + count, 1)
        step = mean - self.mean
        self.square = self.square + square + step**2 * self.count * count / total
        self.mean = self.mean + step * count / total
        self.count = self.count + count
        self.low = np.minimum(self.low, np.where(there, block, np.inf).min(0))
        self.high = np.maximum(self.high, np.where(there, block, -np.inf).max(0))

    def meet(self, categories: list[set[str]]) -> None:
        """Take in the categories of each column."""
        for seen, more in zip(self.categories, categories, strict=False):
            seen.update(more)

    def done(self, split: str) -> ColumnStatistics:
        """The statistics of all that was taken in."""
        none = self.count == 0
        nan = np.where(none, np.nan, 0.0)
        return ColumnStatistics(
            mean=self.mean + nan,
            sd=np.sqrt(self.square / np.maximum(self.count, 1)) + nan,
            low=np.where(none, np.nan, self.low),
            high=np.where(none, np.nan, self.high),
            count=self.count.astype(np.int64),
            categories=tuple(tuple(sorted(seen)) for seen in self.categories),
            split=split,
        )


def column_statistics(dataset: Dataset, modality: str) -> ColumnStatistics:
    """Statistics of one modality, on the training split where there is one.

    Args:
        dataset: The samples; of a selection that has none of the training split, all are taken.
        modality: Name of a modality of any kind but text. Images and sounds count where they
            have as many channels as the first one.

    Raises:
        UsageError: There is no such modality, or it is text.
        InputError: No sample has a value.
    """
    usual = dataset.usual(modality)
    kind = dataset.kinds[modality]
    if kind == "text":
        raise UsageError(f"the modality {modality!r} is text, which has no mean", fix="another one")
    positions, split = _training(dataset)
    running: _Running | None = None
    step = FEW if kind in HEAVY else AT_ONCE
    for start in range(0, positions.size, step):
        cells = dataset.cells(modality, positions[start : start + step])
        values, _ = column(cells, kind, usual)
        for block, categories in _blocks([v for v in values if v is not None], kind):
            if running is None:
                running = _Running.of(block.shape[1])
            if block.shape[1] == running.mean.size:  # pictures may have other channels
                running.add(block)
                running.meet(categories)
    if running is None:
        raise InputError(
            f"no sample has a value of {modality!r}",
            where=dataset.manifest.file or dataset.manifest.name,
            fix="check the modality's column",
        )
    return running.done(split)


def _training(dataset: Dataset) -> tuple[NDArray[np.int64], str]:
    splits: pa.Array = dataset.column("split")
    for name in TRAIN:
        found = np.flatnonzero(np.array([s == name for s in splits.to_pylist()], np.bool_))
        if found.size:
            return found, name
    return np.arange(len(dataset)), ""


def _blocks(values: list[Any], kind: str) -> Iterator[tuple[Numbers, list[set[str]]]]:
    """Values as ``(n, width)`` numbers with what is not a number as NaN, and categories."""
    if not values:
        return
    if kind == "table":
        rows = np.stack(values)
        numbers = np.array(
            [[v if isinstance(v, float) else np.nan for v in row] for row in rows], np.float64
        )
        yield numbers, [{v for v in column if isinstance(v, str)} for column in rows.T]
    elif kind == "vector":
        yield np.stack(values).astype(np.float64), []
    else:
        for value in values:
            yield value.reshape(-1, value.shape[-1]).astype(np.float64), []
