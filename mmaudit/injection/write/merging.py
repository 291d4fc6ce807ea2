"""Merging: a column of a source with new values where there are some."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.arrays import Bools, Ints
from mmaudit.manifest.readers.base import CELL

STORED = pa.struct([("bytes", pa.large_binary()), ("path", pa.string())])  # a file in a column


@dataclass(frozen=True, slots=True)
class Remains:
    """What steps left of one modality of some samples.

    Attributes:
        source: The samples that the values come from, ``(n,)``.
        cells: What is written: values, of media files as ``bytes`` and ``path``; None is absent.
        changed: Which of them steps changed, ``(n,)``.
        unread: Which of them could not be read, and stay what they were, ``(n,)``.
    """

    source: Ints
    cells: list[Any]
    changed: Bools
    unread: Bools

    @property
    def absent(self) -> Bools:
        """Which samples have no value, ``(n,)``."""
        return np.array([c is None for c in self.cells], np.bool_) & ~self.unread


def flat(column: Any) -> pa.Array:
    """A column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def merged(raw: Any, fresh: pa.Array, outcome: Remains, *, changes: bool) -> pa.Array:
    """A column with new values where there are some, in the source's type where it holds them."""
    kind = _holds(raw.type, fresh.type, changes=changes)
    old = flat(raw)
    new, n = fresh, len(fresh)
    keep = ~outcome.changed
    if kind.equals(raw.type):
        new = pa.nulls(n, kind) if not changes else fresh.cast(kind)
    else:
        kind, old, keep = fresh.type, fresh, np.zeros(n, np.bool_)
    at = np.where(keep, np.arange(n), np.arange(n) + n)
    taken = pa.array(at, mask=outcome.absent)
    return pa.concat_arrays([old, new]).take(taken)


def _holds(raw: pa.DataType, fresh: pa.DataType, *, changes: bool) -> pa.DataType:
    """The type of a column: the source's, or, where that cannot hold new values, the kind's."""
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary)
    if not changes or raw.equals(fresh):
        return raw
    if pa.types.is_floating(raw) and pa.types.is_floating(fresh):
        return raw
    if pa.types.is_string(fresh) and any(fits(raw) for fits in texts):
        return raw
    if pa.types.is_string(raw) and pa.types.is_floating(fresh):  # numbers as texts, as in CSV
        return raw
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if any(fits(raw) for fits in lists) and pa.types.is_list(fresh):
        inner = _holds(raw.value_type, fresh.value_type, changes=changes)
        return raw if inner.equals(raw.value_type) else fresh
    return fresh


def embedded(kind: pa.DataType, cells: list[Any], outcome: Remains, own: Any) -> Any:
    """Pictures or sounds in the column itself; what steps did not change is what it was."""
    old = stored_files(flat(own))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        new = pa.array([None if c is None else c["bytes"] for c in cells], kind)
    else:
        new = _shaped(pa.array(cells, STORED), old)
    at = np.where(outcome.changed, np.arange(len(cells)) + len(cells), np.arange(len(cells)))
    return pa.concat_arrays([old, new]).take(pa.array(at, mask=outcome.absent))


def _shaped(new: pa.Array, old: pa.Array) -> pa.Array:
    """Files as the struct that others are; what it holds besides is null."""
    fields = list(old.type)
    arrays = [
        compute.struct_field(new, f.name).cast(f.type)
        if f.name in {"bytes", "path"}
        else pa.nulls(len(new), f.type)
        for f in fields
    ]
    return pa.StructArray.from_arrays(arrays, fields=fields, mask=new.is_null())


def stored_files(column: Any) -> Any:
    """A column of files as a table holds them: bytes and a name, where it only names them."""
    kind = column.type
    if kind.equals(CELL):
        one = flat(column)
        parts = [compute.struct_field(one, name) for name in ("bytes", "path")]
        return pa.StructArray.from_arrays(parts, fields=list(STORED), mask=one.is_null())
    return column
