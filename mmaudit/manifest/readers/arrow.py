"""Arrow files: Feather, and folders that Hugging Face ``save_to_disk`` wrote."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.manifest.readers._blocks import BlockReader
from mmaudit.manifest.readers._hugging import features, field, named, plain, plain_table
from mmaudit.parsing import arrow
from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES = (".arrow", ".feather")
SPLIT = "split"
SPLITS, STATE = "dataset_dict.json", "state.json"  # what save_to_disk writes beside the data
AGAIN = "save it again with save_to_disk"


class ArrowReader(BlockReader):
    """Batches that are mapped: what is asked for is read, and nothing is held.

    Attributes:
        said: Columns that the names of folders say.
    """

    def __init__(self, paths: tuple[Path, ...]) -> None:
        opened = [arrow.batches(path) for path in paths]
        first = opened[0][0]
        for path, (schema, _) in zip(paths, opened, strict=True):
            if not pa.schema(map(plain, schema)).equals(pa.schema(map(plain, first))):
                raise InputError(
                    f"columns differ from those of {paths[0]}", where=str(path), fix=AGAIN
                )
        self._raw = first
        self.features = features(first, paths[0])
        splits = [_split(path) for path in paths]
        self._splits = [] if SPLIT in first.names or not all(splits) else splits
        self.said = (SPLIT,) if self._splits else ()
        more = [pa.field(name, pa.string()) for name in self.said]
        self.schema = pa.schema([*(field(f, self.features) for f in first), *more])
        self._batches = [batch for _, listed in opened for batch in listed]
        owners = [number for number, (_, listed) in enumerate(opened) for _ in listed]
        super().__init__(paths, owners, [batch.num_rows for batch in self._batches])
        self._whole: set[int] = set()  # batches whose values were looked at

    def values(self, block: int, name: str, rows: NDArray[np.int64]) -> pa.ChunkedArray:
        """A column of some rows of a batch."""
        table = pa.table({name: self._taken(block, name, rows)})
        return named(plain_table(table).column(0), self.features.get(name))

    def stored(self, columns: Sequence[str], rows: NDArray[np.int64]) -> pa.Table:
        """Some rows with the types and the metadata that the files have."""
        raw = [
            self.schema.field(c) if c in self.said else self._raw.field(c)  # a split that files say
            for c in columns
        ]
        schema = pa.schema(raw, self._raw.metadata)
        return self.joined(columns, rows, self._taken, schema).cast(schema)

    def _taken(self, number: int, name: str, rows: NDArray[np.int64]) -> pa.ChunkedArray:
        if name in self.said:
            split = self._splits[self._owners[number]]
            return pa.chunked_array([pa.array([split] * rows.size, pa.string())])
        batch = self._batches[number]
        with refusing("damaged", self.paths[self._owners[number]], "save it again"):
            if number not in self._whole:
                batch.validate(full=True)
                self._whole.add(number)
            table = pa.Table.from_batches([batch.select([name]).take(pa.array(rows))])
            return table.column(0)


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> ArrowReader:  # noqa: A001, ARG001  values are bounded when they are used
    """Open Arrow files that have the same columns.

    Files of one ``DatasetDict`` have a column ``split``, unless they have one already.

    Raises:
        InputError: A file is not whole, or its columns are not those of the first file.
    """
    return ArrowReader(paths)


def files_of(folder: Path) -> tuple[Path, ...]:
    """The data files of a folder that ``save_to_disk`` wrote; none of another folder.

    Files beside them, such as caches of ``map``, are none.
    """
    if (folder / SPLITS).is_file():
        splits = _said(folder / SPLITS, "splits")
        return tuple(path for split in splits for path in files_of(folder / str(split)))
    if not (folder / STATE).is_file():
        return ()
    if _said(folder / STATE, "_indices_files", "_indices_data_files"):
        raise InputError(
            "the rows are chosen by a file of indices, which is not read",
            where=str(folder / STATE),
            fix="flatten_indices(), then save_to_disk",
        )
    return tuple(folder / str(entry["filename"]) for entry in _said(folder / STATE, "_data_files"))


def _said(path: Path, *names: str) -> Any:
    with refusing("not as save_to_disk writes it", path, AGAIN):
        entries = from_json(path.read_bytes())
        return next((entries[name] for name in names if entries.get(name)), [])


def _split(path: Path) -> str:
    return path.parent.name if (path.parent.parent / SPLITS).is_file() else ""
