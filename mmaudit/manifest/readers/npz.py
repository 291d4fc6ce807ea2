"""NumPy archives: each array is a column, and its first axis counts the rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import InputError
from mmaudit.manifest import array_columns
from mmaudit.manifest.readers._laid import LaidOut
from mmaudit.manifest.readers._spool import Spool
from mmaudit.manifest.readers.base import Aside, Feature
from mmaudit.parsing import archives, npy
from mmaudit.parsing.base import refusing
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES = (".npz",)
SPLIT = "split"
ENDING = ".npy"  # of members, which NumPy leaves out of their names
BATCH = 256
LENGTH = "array of another length than the others, or of no split"
Arrays = dict[str, NDArray[Any]]


class NpzReader(LaidOut):
    """Archives whose rows were laid out.

    Attributes:
        blocks: Where the rows lie, in their order.
        said: Columns that the names of arrays say.
    """

    blocks: tuple[array_columns.ArrayBlock, ...] = ()
    said: tuple[str, ...] = ()


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> NpzReader:  # noqa: A001, ARG001  values are bounded when they are used
    """Open NumPy archives; one file's arrays are in memory while it is laid out, and no longer.

    Names as ``x_train`` and ``x_test``, or ``train/x``, are a column ``x`` of several splits.
    Arrays of bytes ``(n, h, w)`` or ``(n, h, w, c)`` are pictures; an empty text is absent.

    Raises:
        InputError: A file is not whole, holds Python objects or what no column can hold, or the
            files or splits have other columns than the first.
    """
    fields, features, aside = _columns(paths)
    schema, starts = pa.schema(list(fields.values())), list[int]()
    blocks = list[array_columns.ArrayBlock]()
    spool = Spool(_batches(paths, schema, starts, blocks), schema)
    reader = NpzReader(paths, spool, starts, " row {}".format, features=features, aside=aside)
    reader.blocks = tuple(blocks)
    reader.said = (SPLIT,) if any(b.split and SPLIT not in b.names for b in blocks) else ()
    return reader


def _columns(
    paths: tuple[Path, ...],
) -> tuple[dict[str, pa.Field], dict[str, Feature], tuple[Aside, ...]]:
    """The columns of the first file, and arrays of all files that are no columns."""
    fields: dict[str, pa.Field] = {}
    features: dict[str, Feature] = {}
    others: list[str] = []
    for path in paths:
        for split, (arrays, lost) in _splits(path).items():
            others += lost
            for name, array in arrays.items():
                try:
                    field, feature = array_columns.field(name, array.dtype, array.shape)
                except TypeError as error:
                    raise _odd(path, name, str(error)) from error
                fields.setdefault(name, field)
                features[name] = feature
                if not fields[name].equals(field):
                    raise _odd(path, name, f"it is {field.type}, and was {fields[name].type}")
            if split:
                fields.setdefault(SPLIT, pa.field(SPLIT, pa.string()))
    aside = (Aside(LENGTH, len(others), others[0]),) if others else ()
    return fields, {n: f for n, f in features.items() if f.kind}, aside


def _batches(
    paths: tuple[Path, ...],
    schema: pa.Schema,
    starts: list[int],
    blocks: list[array_columns.ArrayBlock],
) -> Iterator[pa.RecordBatch]:
    count = 0
    for number, path in enumerate(paths):
        starts.append(count)
        for split, (arrays, beside) in _splits(path).items():
            lacking = [n for n in schema.names if n not in arrays and n != SPLIT]
            if lacking:
                raise _odd(path, lacking[0], f"it is not there in {split or path.name}")
            rows = len(next(iter(arrays.values())))
            keys = (name.removesuffix(ENDING) for name in archives.names(path))
            names = {c: key for key in keys for c, s in [array_columns.split_of(key)] if s == split}
            mine = {column: names[column] for column in arrays}
            blocks.append(
                array_columns.ArrayBlock(number, split, mine, rows, tuple(beside.values()))
            )
            for start in range(0, rows, BATCH):
                stop = min(start + BATCH, rows)
                columns = [
                    array_columns.column(arrays[f.name][start:stop], f)
                    if f.name in arrays
                    else pa.array([split or None] * (stop - start), pa.string())
                    for f in schema
                ]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)
            count += rows


def _splits(path: Path) -> dict[str, tuple[Arrays, dict[str, int]]]:
    """The arrays of a file by split, and the lengths of those of another one."""
    archives.check(path)
    splits: dict[str, Arrays] = {}
    with refusing("not a whole NumPy archive", path, "save it with np.savez, without objects"):
        for name in archives.names(path):
            array = npy.from_bytes(archives.member(path, name))
            column, split = array_columns.split_of(name.removesuffix(ENDING))
            splits.setdefault(split, {})[column] = array
    shared = splits.pop("", {}) if len(splits) > 1 else {}
    out: dict[str, tuple[Arrays, dict[str, int]]] = {}
    for split, arrays in splits.items():
        rows = array_columns.rows_of({name: array.shape for name, array in arrays.items()})
        whole = {name: a for name, a in arrays.items() if a.ndim and len(a) == rows}
        lost = {name: a for name, a in arrays.items() if name not in whole} | shared
        out[split] = whole, {name: len(a) if a.ndim else 0 for name, a in lost.items()}
        shared = {}
    return out


def _odd(path: Path, name: str, why: str) -> InputError:
    return InputError(
        f"the array {name!r} is no column of this dataset: {why}",
        where=str(path),
        fix="numbers, texts or pictures, the same columns in each file and split",
    )
