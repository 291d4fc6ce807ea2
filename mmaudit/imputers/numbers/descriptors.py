"""Descriptors: values as standardised numbers, and, where a kind allows it, numbers as values.

Vectors, series and rows of a table are described by their own numbers, so that a description can be
turned back into a value; pictures, sounds and texts by the plain features of their kind.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.kinds.base import is_media
from mmaudit.models.plain_features import featured, features

LEVELS = 32  # most frequent categories of a column of a table that are told apart
FARTHEST = 1e6  # standard deviations from the mean: what a broken value is beyond, no number is


class Encoding(Protocol):
    """How values of one modality become numbers."""

    @property
    def exact(self) -> str:
        """Why a value cannot be made of numbers again; empty where it can."""
        ...

    def read(self, values: Sequence[Any]) -> Floats:
        """Values as numbers ``(n, d)``; NaN where one is not known."""
        ...

    def write(self, numbers: Floats) -> Any:
        """The value of some numbers, ``(d,)``."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Descriptor:
    """Values of one modality as numbers that are 0 on average over the training samples.

    Attributes:
        numbers: How they become numbers.
        middle: Mean of each number over the training samples, ``(d,)``.
        spread: Standard deviation, ``(d,)``; 1 where they are all the same.
    """

    numbers: Encoding
    middle: Floats
    spread: Floats

    @property
    def exact(self) -> str:
        """Why a value cannot be made of a description; empty where it can."""
        return self.numbers.exact

    def describe(self, values: Sequence[Any]) -> Floats:
        """Standardised numbers of values, ``(n, d)``; 0, the mean, where one is not finite."""
        if not len(values):
            return np.zeros((0, self.middle.size))
        out = (self.numbers.read(values) - self.middle) / self.spread
        out[~np.isfinite(out)] = 0.0
        return np.clip(out, -FARTHEST, FARTHEST)

    def value(self, description: Floats) -> Any:
        """The value that has a description, ``(d,)``."""
        return self.numbers.write(description * self.spread + self.middle)


def descriptor(kind: str, values: Sequence[Any]) -> Descriptor:
    """How values of one modality are described, learnt from those of training samples.

    Args:
        kind: Kind of the modality.
        values: Some values, at least one.
    """
    numbers = _numbers(kind, values)
    table = numbers.read(values)
    table[~np.isfinite(table)] = np.nan
    finite = np.isfinite(table)
    count = np.maximum(finite.sum(axis=0), 1)
    middle = np.where(finite, table, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(finite, table - middle, 0.0) ** 2).sum(axis=0) / count)
    return Descriptor(numbers, middle, np.where(spread > 0, spread, 1.0))


def _numbers(kind: str, values: Sequence[Any]) -> Encoding:
    first = values[0]
    if isinstance(first, np.ndarray) and first.dtype == object:
        return _Rows(tuple(_levels([row[i] for row in values]) for i in range(first.size)))
    if isinstance(first, np.ndarray) and not is_media(kind):
        lengths = sorted(len(value) for value in values)
        shape = (lengths[len(lengths) // 2], *first.shape[1:])
        return _Array(shape, first.dtype, "" if lengths[0] == lengths[-1] else "lengths differ")
    if kind not in featured():
        return _Loose(kind)
    return _Features(kind)


@dataclass(frozen=True, slots=True)
class _Array:
    """Arrays as they are; those of another length are stretched to the usual one."""

    shape: tuple[int, ...]
    dtype: Any
    exact: str

    def read(self, values: Sequence[Any]) -> Floats:
        same = (
            value if len(value) == self.shape[0] else self._stretched(value) for value in values
        )
        return np.stack([np.asarray(value, np.float64).ravel() for value in same])

    def write(self, numbers: Floats) -> Any:
        return numbers.reshape(self.shape).astype(self.dtype)

    def _stretched(self, value: Any) -> Floats:
        """Linear interpolation along the first axis."""
        columns = np.asarray(value, np.float64).reshape(len(value), -1)
        steps = np.linspace(0, len(value) - 1, self.shape[0])
        return np.stack([np.interp(steps, np.arange(len(value)), c) for c in columns.T], axis=1)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a table: numbers as they are, categories by whether a cell is each of them.

    Attributes:
        levels: The categories of each column; none where it holds numbers.
    """

    levels: tuple[tuple[Any, ...], ...]
    exact: str = ""

    def read(self, values: Sequence[Any]) -> Floats:
        return np.concatenate(
            [self._column([row[i] for row in values], i) for i in range(len(self.levels))], axis=1
        )

    def write(self, numbers: Floats) -> Any:
        row, start = np.empty(len(self.levels), object), 0
        for i, levels in enumerate(self.levels):
            some = numbers[start : start + max(1, len(levels))]
            row[i] = levels[int(some.argmax())] if levels else float(some[0])
            start += some.size
        return row

    def _column(self, cells: Sequence[Any], i: int) -> Floats:
        levels = self.levels[i]
        if not levels:
            return np.array([[float(c) if _is_number(c) else np.nan] for c in cells])
        return np.array(
            [[np.nan if c is None else float(c == level) for level in levels] for c in cells]
        )


@dataclass(frozen=True, slots=True)
class _Features:
    """Plain features of a kind, of which no value can be made again."""

    kind: str
    exact: str = "its plain features do not make a value"

    def read(self, values: Sequence[Any]) -> Floats:
        return features(self.kind, values).astype(np.float64)

    def write(self, _numbers: Floats) -> Any:
        raise TypeError(self.exact)


@dataclass(frozen=True, slots=True)
class _Loose:
    """A kind without plain features says nothing of which samples are alike."""

    kind: str
    exact: str = "the kind has no plain features"

    def read(self, values: Sequence[Any]) -> Floats:
        return np.zeros((len(values), 1))

    def write(self, _numbers: Floats) -> Any:
        raise TypeError(self.exact)


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float | np.number) and not isinstance(cell, bool)


def _levels(cells: Sequence[Any]) -> tuple[Any, ...]:
    """The most frequent categories of a column, ties by name; none where it holds numbers."""
    there = [cell for cell in cells if cell is not None]
    if all(map(_is_number, there)):
        return ()
    counts = Counter(there)
    return tuple(sorted(counts, key=lambda cell: (-counts[cell], str(cell)))[:LEVELS])
