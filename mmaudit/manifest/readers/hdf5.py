"""HDF5 files: each dataset is a column, and its first axis counts the rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import extras
from mmaudit.errors import InputError
from mmaudit.manifest import array_columns
from mmaudit.manifest.readers._blocks import BlockReader
from mmaudit.manifest.readers.base import Aside, Feature
from mmaudit.parsing.base import refusing
from mmaudit.parsing.limits import MAX_BYTES

SUFFIXES = (".h5", ".hdf5", ".he5")
SPLIT = "split"
DEEP = 8  # groups in groups
LENGTH = "array of another length than the others, or of no split"
Block = tuple[int, str, dict[str, Any], int]  # file, split, the datasets by column, rows
Split = tuple[str, dict[str, Any], tuple[int, ...]]  # its datasets, and the lengths of others


class HDF5Reader(BlockReader):
    """Datasets that are read by rows; nothing of them is held.

    Attributes:
        blocks: Where the rows lie, in their order.
        said: Columns that the names of datasets say.
    """

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._files = [_opened(path) for path in paths]
        self._blocks: list[Block] = []
        self.aside: tuple[Aside, ...] = ()
        fields: dict[str, pa.Field] = {}
        self.features, listed = {}, list[array_columns.ArrayBlock]()
        for number, file in enumerate(self._files):
            for split, arrays, beside in self._splits(paths[number], file):
                declared = {n: _declared(paths[number], n, a) for n, a in arrays.items()}
                mine = {n: f for n, (f, _) in declared.items()}
                self.features = {**self.features, **{n: f for n, (_, f) in declared.items()}}
                if fields and mine != fields:
                    odd = sorted({*map(str, mine.values())} ^ {*map(str, fields.values())})
                    raise _odd(paths[number], split or "the file", f"other columns: {odd[:3]}")
                fields = mine
                rows = len(next(iter(arrays.values())))
                self._blocks.append((number, split, arrays, rows))
                names = {column: array.name.lstrip("/") for column, array in arrays.items()}
                listed.append(array_columns.ArrayBlock(number, split, names, rows, beside))
        self.features = {name: f for name, f in self.features.items() if f.kind}
        self._split = SPLIT not in fields and any(split for _, split, _, _ in self._blocks)
        more = [pa.field(SPLIT, pa.string())] if self._split else []
        self.schema = pa.schema([*fields.values(), *more])
        self.said = (SPLIT,) if self._split else ()
        self.blocks = tuple(listed)
        owners = [number for number, *_ in self._blocks]
        super().__init__(paths, owners, [rows for *_, rows in self._blocks])

    def values(self, block: int, name: str, rows: NDArray[np.int64]) -> pa.Array:
        """A column of some rows of a split."""
        number, split, arrays, _ = self._blocks[block]
        if self._split and name == SPLIT:
            return pa.array([split or None] * rows.size, pa.string())
        there, back = np.unique(rows, return_inverse=True)
        with refusing("damaged", self.paths[number], "save it again"):
            gapless = there[-1] - there[0] + 1 == there.size
            at = slice(int(there[0]), int(there[-1]) + 1) if gapless else there
            return _column(arrays[name][at], self.schema.field(name)).take(pa.array(back))

    def place(self, row: int) -> str:
        """Where a row is: its file, and the number there or in its split, from 0."""
        block = int(np.searchsorted(self._starts, row, side="right")) - 1
        number, split, *_ = self._blocks[block]
        own = f" of {split}" if split else ""
        return f"{self.paths[number]} row {row - int(self._starts[block])}{own}"

    def _splits(self, path: Path, file: Any) -> Iterator[Split]:
        """The columns of a file by split; what is none is noted."""
        splits: dict[str, dict[str, Any]] = {}
        for name, array in _arrays_in(file, path, "", 0):
            column, split = array_columns.split_of(name)
            splits.setdefault(split, {})[column] = array
        lost = list(splits.pop("", {})) if len(splits) > 1 else []
        for split, arrays in splits.items():
            rows = array_columns.rows_of({name: array.shape for name, array in arrays.items()})
            whole = {n: a for n, a in arrays.items() if a.shape and a.shape[0] == rows}
            others = {name: a.shape for name, a in arrays.items() if name not in whole}
            lost += others
            yield split, whole, tuple(shape[0] for shape in others.values() if shape)
        if lost:
            before = self.aside[0] if self.aside else Aside(LENGTH, 0, lost[0])
            self.aside = (Aside(LENGTH, before.count + len(lost), before.first),)
        if not splits:
            raise _odd(path, "the file", "it has no datasets")


def open(paths: tuple[Path, ...], *, most: int = MAX_BYTES) -> HDF5Reader:  # noqa: A001, ARG001  values are bounded when they are used
    """Open HDF5 files; rows are read when they are asked for.

    Groups called as splits are (``train/x``, ``test/x``), and names as ``x_train``; arrays of bytes
    ``(n, h, w)`` or ``(n, h, w, c)`` are pictures, bytes of any length files; an empty text is
    absent.

    Raises:
        MissingError: The package h5py is not installed.
        InputError: A file is not whole, keeps data in other files, or holds what no column can
            hold; or splits or files have other columns than the first.
    """
    return HDF5Reader(paths)


def claims(path: Path) -> bool:
    """Whether a file begins as HDF5 does."""
    with path.open("rb") as file:
        return file.read(8) == b"\x89HDF\r\n\x1a\n"


def _opened(path: Path) -> Any:
    extras.require(f"{path.name}, an HDF5 file,", "h5py")
    import h5py  # noqa: PLC0415  an extra

    with refusing("not a whole HDF5 file", path, "copy it again"):
        return h5py.File(path, "r", locking=False)


def _arrays_in(group: Any, path: Path, prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """The datasets of a file with their names; what leads out of the file is refused."""
    with refusing("damaged", path, "copy it again"):
        links = {name: type(group.get(name, getlink=True)).__name__ for name in group}
    for name, link in links.items():
        if link != "HardLink" or depth > DEEP:
            raise _odd(path, f"{prefix}{name}", "it is a link, or too deep; links are not followed")
        with refusing("damaged", path, "copy it again"):
            each = group[name]
            outside = hasattr(each, "shape") and bool(each.external or each.is_virtual)
        if outside:
            raise _odd(path, f"{prefix}{name}", "its data are in other files, which are not read")
        if hasattr(each, "shape"):
            yield f"{prefix}{name}", each
        else:
            yield from _arrays_in(each, path, f"{prefix}{name}/", depth + 1)


def _declared(path: Path, name: str, array: Any) -> tuple[pa.Field, Feature]:
    """The column of a dataset."""
    import h5py  # noqa: PLC0415  an extra

    if h5py.check_string_dtype(array.dtype) is not None and len(array.shape) == 1:
        return pa.field(name, pa.string()), Feature()
    if h5py.check_vlen_dtype(array.dtype) == np.uint8 and len(array.shape) == 1:
        return pa.field(name, pa.large_binary()), Feature()
    try:
        return array_columns.field(name, array.dtype, array.shape)
    except TypeError as error:
        raise _odd(path, name, str(error)) from error


def _column(values: Any, of: pa.Field) -> pa.Array:
    if pa.types.is_string(of.type) and values.dtype == object:
        texts = [v.decode() if isinstance(v, bytes) else v for v in values.tolist()]
        return pa.array([text or None for text in texts], of.type)
    if pa.types.is_large_binary(of.type):
        return pa.array([bytes(v) or None for v in values], of.type)
    return array_columns.column(values, of)


def _odd(path: Path, name: str, why: str) -> InputError:
    return InputError(
        f"{name!r} is no column of this dataset: {why}",
        where=str(path),
        fix="numbers, texts or pictures, the same columns in each file and split",
    )
