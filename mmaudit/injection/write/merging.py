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
        clean: What ``cells`` were before all steps.
    """

    source: Ints
    cells: list[Any]
    changed: Bools
    unread: Bools
    clean: list[Any]

    @property
    def absent(self) -> Bools:
        """Which samples have no value, ``(n,)``."""
        return np.array([c is None for c in self.cells], np.bool_) & ~self.unread


def flat(column: Any) -> pa.Array:
    """A column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def merged(
    raw: Any, fresh: pa.Array, outcome: Remains, *, changes: bool, same: Bools | None = None
) -> pa.Array:
    """A column with new values where there are some, in the source's type where it holds them.

    Args:
        raw: The column of the source.
        fresh: What the kind writes of the values after all steps.
        outcome: What steps left of the modality.
        changes: Whether some step changes values.
        same: Which cells of changed values are what they were, ``(n,)``.
    """
    kind, n = holds(raw.type, fresh.type, changes=changes), len(fresh)
    old, keep = flat(raw), ~outcome.changed
    if same is not None:
        keep |= same
    if kind.equals(raw.type):
        new = pa.nulls(n, kind) if not changes else fresh.cast(kind)
    elif _whole(raw.type):
        old, new = old.cast(kind, safe=False), fresh.cast(kind)
    else:
        old, new, keep = fresh, fresh, np.zeros(n, np.bool_)
    at = np.where(keep, np.arange(n), np.arange(n) + n)
    taken = pa.array(at, mask=outcome.absent)
    return pa.concat_arrays([old, new]).take(taken)


def alike(before: pa.Array, after: pa.Array) -> Bools:
    """Which cells of two columns of one type are the same, ``(n,)``; null is what null was."""
    if pa.types.is_float16(before.type):  # which Arrow does not compare
        before, after = before.cast(pa.float32()), after.cast(pa.float32())
    equal = compute.fill_null(compute.equal(before, after), fill_value=False)
    both = compute.and_(before.is_null(), after.is_null())
    return np.asarray(compute.or_(equal, both)).astype(np.bool_)


def holds(raw: pa.DataType, fresh: pa.DataType, *, changes: bool) -> pa.DataType:
    """The type of a column: the source's, or, where that cannot hold new values, another one.

    Whole numbers become floats of 64 bits, in which those that stay are exact up to 2^53.
    """
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary)
    if not changes or raw.equals(fresh):
        return raw
    if pa.types.is_floating(fresh) and pa.types.is_integer(raw):
        return pa.float64()
    if pa.types.is_floating(fresh) and (pa.types.is_floating(raw) or pa.types.is_string(raw)):
        return raw  # numbers as texts, as in CSV, are still such
    if pa.types.is_string(fresh) and any(fits(raw) for fits in texts):
        return raw
    if _listed(raw) and pa.types.is_list(fresh):
        inner = holds(raw.value_type, fresh.value_type, changes=changes)
        return raw if inner.equals(raw.value_type) else pa.list_(inner)
    return fresh


def _listed(kind: pa.DataType) -> bool:
    of = pa.types
    return of.is_list(kind) or of.is_large_list(kind) or of.is_fixed_size_list(kind)


def _whole(kind: pa.DataType) -> bool:
    """Whether a column holds whole numbers, or lists of them."""
    return pa.types.is_integer(kind.value_type if _listed(kind) else kind)


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
