"""Batches of decoded values: rows of them, and arrays of those whose shapes agree."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.models.base import Batch, Present, Values

Rows = Sequence[int] | NDArray[np.int64]


def length(batch: Batch) -> int:
    """How many samples a batch has.

    Raises:
        ValueError: Its modalities have different lengths, or there are none.
    """
    lengths = {len(values) for values in batch.values()}
    if len(lengths) != 1:
        raise ValueError(f"a batch has one length, this one has {sorted(lengths)}")
    return lengths.pop()


def take(batch: Batch, rows: Rows) -> dict[str, Values]:
    """The batch of some rows, in their order."""
    return {m: rows_of(values, rows) for m, values in batch.items()}


def rows_of(values: Values, rows: Rows) -> Values:
    """Some values of one modality, in the order of ``rows``."""
    if isinstance(values, np.ndarray):
        return values[np.asarray(rows, np.int64)]
    return [values[int(i)] for i in rows]


def take_present(present: Present, rows: Rows) -> dict[str, NDArray[np.bool_]]:
    """Presence of some rows."""
    index = np.asarray(rows, np.int64)
    return {m: np.asarray(there, bool)[index] for m, there in present.items()}


def stacked(values: Sequence[Any]) -> Values:
    """One array where all values are arrays of one shape and type, else a list."""
    if not len(values) or not all(isinstance(v, np.ndarray) for v in values):
        return list(values)
    first = values[0]
    if any(v.shape != first.shape or v.dtype != first.dtype for v in values):
        return list(values)
    return np.stack(list(values))


def by_shape(batch: Batch) -> list[NDArray[np.int64]]:
    """Rows grouped so that within a group each modality stacks into one array.

    A group's rows are in the order of the batch; groups are in the order of their first row. A
    batch whose arrays are stacked already is one group.
    """
    n = length(batch)
    ragged = {m: v for m, v in batch.items() if not isinstance(v, np.ndarray)}
    groups: dict[tuple[object, ...], list[int]] = {}
    for row in range(n):
        shapes = tuple(getattr(v[row], "shape", None) for v in ragged.values())
        groups.setdefault(shapes, []).append(row)
    return [np.asarray(rows, np.int64) for rows in groups.values()]


class Filling:
    """Some values of one modality, the absent ones filled with one filler after the other.

    What stays is copied once for all fillers, and the input is left as it is. A filled batch is
    good until another filler is asked for.
    """

    def __init__(
        self,
        values: Values,
        absent: NDArray[np.bool_],
        rows: NDArray[np.int64],
        fillers: Values,
        starts: NDArray[np.int64] | None = None,
    ) -> None:
        every = rows.size == absent.size
        self.absent = absent if every else absent[rows]
        self.values = values if every else rows_of(values, rows)
        self.fillers = fillers
        self.starts = starts if starts is None or every else starts[rows]
        self.room: NDArray[Any] | None = None
        self.last: tuple[int, Values] | None = None  # the filler that is in place, and the batch
        if (
            self.absent.any()
            and isinstance(self.values, np.ndarray)
            and isinstance(fillers, np.ndarray)
            and self.values.shape[1:] == fillers.shape[1:]
        ):
            # all at once is several times faster than one by one
            all_gone = self.absent.all()
            self.gone = ... if all_gone else self.absent
            self.room = np.empty_like(self.values) if all_gone else self.values.copy()

    def filled(self, i: int) -> Values:
        """The values, with filler number ``i`` where they are absent."""
        if self.last is None or self.last[0] != i:
            self.last = i, self._with(i)
        return self.last[1]

    def _with(self, i: int) -> Values:
        if not self.absent.any():
            return self.values
        own = None if self.starts is None else (self.starts + i) % len(self.fillers)
        if self.room is not None:
            fillers = np.asarray(self.fillers)
            self.room[self.gone] = fillers[i if own is None else own[self.absent]]
            return self.room
        where = np.full(self.absent.size, i) if own is None else own
        pairs = zip(self.values, self.absent, where, strict=True)
        return stacked([self.fillers[int(k)] if gone else value for value, gone, k in pairs])


def every_present(modalities: Sequence[str], n: int) -> dict[str, NDArray[np.bool_]]:
    """The mask of ``n`` samples of which everything is present."""
    return {m: np.ones(n, np.bool_) for m in modalities}
