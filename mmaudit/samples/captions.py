"""Lists of texts as one row a text: a picture with five captions is five samples of one group."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.errors import UsageError
from mmaudit.manifest.model import Manifest
from mmaudit.manifest.readers.base import Feature, Reader, stored
from mmaudit.manifest.splits import Counted
from mmaudit.options import unknown
from mmaudit.samples.columns import as_text

ID, SOURCE = "#id", "#source"  # columns that are made: ids of texts, ids of the rows they are in
AT_ONCE = 4096
ALL = "all"


class Captions:
    """A view of a reader in which each text of a list column is a row.

    It holds 12 bytes a text: the row that it is in, and its number in the list. A row without a
    text is one row, in which the text is absent.

    Attributes:
        inner: The reader.
        schema: The reader's columns, the lists as texts, and `ID` and `SOURCE`.
        features: What the format says of the columns.
    """

    def __init__(self, reader: Reader, column: str, ids: str | None, basename: str) -> None:
        self.inner, self._column, self._ids, self._basename = reader, column, ids, basename
        self._rows, self._numbers = _texts_of(reader, column)
        self.features: Mapping[str, Feature] = reader.features
        fields = [
            pa.field(f.name, pa.string() if f.name == column else f.type) for f in reader.schema
        ]
        self.schema = pa.schema([*fields, (ID, pa.string()), (SOURCE, pa.string())])

    def __len__(self) -> int:
        return int(self._rows.size)

    def take(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows, in the order asked for; what several texts share is read once."""
        if rows.size and (rows.min() < 0 or rows.max() >= len(self)):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {len(self)}")
        there, back = np.unique(self._rows[rows], return_inverse=True)
        own = [self._ids] if self._ids and {ID, SOURCE} & set(columns) else []
        wanted = list(dict.fromkeys([*(c for c in columns if c not in {ID, SOURCE}), *own]))
        table = self.inner.take(wanted, there) if wanted else None
        arrays = {}
        for name in columns:
            if name in {ID, SOURCE}:
                ids = table.column(self._ids) if table is not None and self._ids else None
                arrays[name] = self._named(name, ids, there, back, self._numbers[rows])
            elif table is not None and name == self._column:
                arrays[name] = _numbered(table.column(name), back, self._numbers[rows])
            elif table is not None:
                arrays[name] = table.column(name).take(pa.array(back))
        return pa.table(list(arrays.values()), names=list(arrays))

    def stored(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows as the files hold them, the lists as texts."""
        there, back = np.unique(self._rows[rows], return_inverse=True)
        inner = stored(self.inner, columns, there).take(pa.array(back))
        if self._column not in columns:
            return inner
        place = inner.schema.get_field_index(self._column)
        return inner.set_column(place, self._column, self.take([self._column], rows).column(0))

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all rows."""
        if name in {ID, SOURCE}:
            ids = self.inner.column(self._ids) if self._ids else None
            every = np.arange(len(self.inner), dtype=np.int64)
            return pa.chunked_array([self._named(name, ids, every, self._rows, self._numbers)])
        if name != self._column:
            return self.inner.column(name).take(pa.array(self._rows))
        steps = range(0, len(self), AT_ONCE)
        pieces = [self.take([name], np.arange(s, min(s + AT_ONCE, len(self)))) for s in steps]
        return pa.concat_tables(pieces).column(name)

    def origins(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The reader's row of each of some rows, and the number of its text there, from 0."""
        return self._rows[rows], self._numbers[rows]

    def place(self, row: int) -> str:
        """Where a row is: the place of its list, and the number in it, from 0."""
        return f"{self.inner.place(int(self._rows[row]))} text {self._numbers[row]}"

    def file_starts(self) -> NDArray[np.int64]:
        """First row of each file, ``(files,)``; one file where the reader does not tell."""
        if not isinstance(self.inner, Counted):
            return np.zeros(1, np.int64)
        return np.searchsorted(self._rows, self.inner.file_starts()).astype(np.int64)

    def digest(self) -> str:
        """sha256 of the content of the source's own files."""
        return self.inner.digest()

    def _named(
        self,
        name: str,
        ids: pa.ChunkedArray | None,
        rows: NDArray[np.int64],
        back: NDArray[np.int64],
        numbers: NDArray[np.int32],
    ) -> pa.Array:
        if ids is None:
            own = compute.binary_join_element_wise(self._basename, _text(rows), ":")
        else:
            own = as_text(ids)
        names = own.take(pa.array(back))
        if name == ID:
            names = compute.binary_join_element_wise(names, _text(numbers), "#")
        return names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names


def over(reader: Reader, manifest: Manifest, basename: str) -> Reader:
    """A reader with a row for each text, where a modality has ``many = "all"``.

    Raises:
        UsageError: Its column is not one of lists of texts, or is used for something else too.
    """
    keys = [key for key, modality in manifest.modalities.items() if modality.many == ALL]
    if not keys:
        return reader
    key, where = keys[0], manifest.file or manifest.at
    if len(keys) > 1:
        raise UsageError(
            f'both modality.{key} and modality.{keys[1]} have many = "all"',
            where=where,
            fix='many = "first" or "join" for all but one',
        )
    column = manifest.modalities[key].column or ""
    if column not in reader.schema.names:
        what = f"modality.{key} names the column {column!r}, which the data does not have"
        raise unknown(what, column, reader.schema.names, where=where)
    kind = reader.schema.field(column).type
    if not _lists_texts(kind):
        raise UsageError(
            f'modality.{key} has many = "all", and column {column!r} holds {kind}, no lists of '
            "texts",
            where=where,
            fix="leave many out, or name a column of lists of texts",
        )
    if column in _used_elsewhere(manifest, key):
        raise UsageError(
            f'the column {column!r} of modality.{key}, which has many = "all", is used twice',
            where=where,
            fix="name another column for its other use",
        )
    return Captions(reader, column, manifest.source.id, basename)


def grouped(manifest: Manifest) -> Manifest:
    """The manifest in which texts of one row are a group, unless it names groups of its own."""
    every = any(modality.many == ALL for modality in manifest.modalities.values())
    if not every or manifest.source.group:
        return manifest
    source = manifest.source.model_copy(update={"group": manifest.source.id or SOURCE})
    return manifest.model_copy(update={"source": source})


def _used_elsewhere(manifest: Manifest, key: str) -> set[str | None]:
    source, target = manifest.source, manifest.target
    others = [m for k, m in manifest.modalities.items() if k != key]
    used = {source.id, source.split, source.group, *source.slices, manifest.modalities[key].mask}
    used |= {column for m in others for column in (*m.names, m.mask)}
    return used | {target.column if target else None}


def _lists_texts(kind: pa.DataType) -> bool:
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    inner = kind.value_type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_null)
    return any(fits(inner) for fits in texts)


def _texts_of(reader: Reader, column: str) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The row of each text, and its number in the row's list."""
    rows, numbers = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for start in range(0, len(reader), AT_ONCE):
        every = np.arange(start, min(start + AT_ONCE, len(reader)), dtype=np.int64)
        lists = reader.take([column], every).column(0).combine_chunks()
        first, lengths, flat = _flat(lists)
        local = np.repeat(np.arange(every.size), lengths)
        number = np.arange(local.size) - first[local]
        there = flat.is_valid().to_numpy(zero_copy_only=False)
        local, number = local[there], number[there]
        without = np.setdiff1d(np.arange(every.size), local)
        local, number = np.append(local, without), np.append(number, np.zeros_like(without))
        order = np.argsort(local, kind="stable")
        rows.append(local[order] + start)
        numbers.append(number[order].astype(np.int32))
    return np.concatenate(rows), np.concatenate(numbers)


def _numbered(
    lists: pa.ChunkedArray, rows: NDArray[np.int64], numbers: NDArray[np.int32]
) -> pa.Array:
    """The text of a number of each row; null where the row has none."""
    first, lengths, flat = _flat(lists.combine_chunks())
    there = numbers < lengths[rows]
    at = pa.array(np.where(there, first[rows] + numbers, 0), mask=~there)
    return flat.take(at).cast(pa.string())


def _flat(lists: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.int64], pa.Array]:
    """Where each list begins among all values, how long it is, and the values."""
    if isinstance(lists, pa.ChunkedArray):
        lists = pa.concat_arrays(lists.chunks or [pa.array([], lists.type)])
    lengths = compute.fill_null(compute.list_value_length(lists), 0).to_numpy().astype(np.int64)
    return np.cumsum(lengths) - lengths, lengths, compute.list_flatten(lists)


def _text(numbers: NDArray[np.int64] | NDArray[np.int32]) -> pa.Array:
    return pa.array(numbers).cast(pa.string())
