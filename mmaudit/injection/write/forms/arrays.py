"""Arrays: files in which a column is an array, written with those that steps changed replaced."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.arrays import Ints
from mmaudit.errors import UsageError
from mmaudit.injection.write.form import WrittenFile
from mmaudit.injection.write.forms.gathered import Gathered
from mmaudit.injection.write.layout import FLOATS
from mmaudit.injection.write.merging import flat
from mmaudit.injection.write.names import free
from mmaudit.kinds.base import Shape, load_kind
from mmaudit.manifest.array_columns import ArrayBlock, rows_of, split_of

PRESENT = "present"  # what a mask is called behind the name of its modality
FIX = "--format parquet, which has null"


class ArraySource(Protocol):
    """An array of the source, as NumPy and h5py have them."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """What it holds."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """Its axes."""
        ...


@dataclass(frozen=True, slots=True)
class ArrayChange:
    """What becomes of an array: some of its rows, or what was made.

    Attributes:
        count: How many rows it has now.
        rows: Which of the source's rows they are, where no step touches them.
        pieces: What was made of them, piece by piece; each call begins anew.
        decoded: The pixels of a picture.
    """

    count: int
    rows: Ints | None = None
    pieces: Callable[[], Iterator[pa.Array]] | None = None
    decoded: Callable[[Any], NDArray[Any]] | None = None

    def dtype(self, before: np.dtype[Any] | None) -> np.dtype[Any]:
        """The type: the source's, where that holds what was made.

        Args:
            before: That of the source; None where it has no such array.
        """
        if self.pieces is None or before is None:
            return before or self._dtype(np.dtype("U1"))
        return self._dtype(before)

    def _dtype(self, before: np.dtype[Any]) -> np.dtype[Any]:
        kind, nulls, width = pa.null(), False, 1
        for piece in cast("Callable[[], Iterator[pa.Array]]", self.pieces)():
            kind, nulls = piece.type, nulls or bool(piece.null_count)
            width = max(width, _width(piece, before)) if before.kind in "US" else width
        if pa.types.is_null(kind) or _is_file(kind):
            return before
        if _is_text(kind):
            narrow = before.kind in "US" and width > before.itemsize // _size(before)
            texts = before if before.kind in "USO" else np.dtype("U1")
            narrow = narrow or texts is not before
            return np.dtype(f"{texts.kind}{width}") if narrow else before
        own = np.dtype(_innermost(kind).to_pandas_dtype())
        if nulls and own.kind in "iu" and not _listed(kind):
            return np.dtype(np.float64)
        return before if own == before.newbyteorder("=") else own

    def values(self, like: np.dtype[Any], axes: tuple[int, ...]) -> Iterator[NDArray[Any]]:
        """What was made, piece by piece.

        Args:
            like: Their type.
            axes: Axes of one row.
        """
        for piece in self.pieces() if self.pieces else ():
            yield self._values(piece, like, axes)

    def _values(self, piece: pa.Array, like: np.dtype[Any], axes: tuple[int, ...]) -> NDArray[Any]:
        n = len(piece)
        if self.decoded is not None and pa.types.is_struct(piece.type):
            out = np.zeros((n, *axes), like)
            for i, cell in enumerate(piece.to_pylist()):
                if cell is not None:
                    out[i] = self.decoded(cell).reshape(axes)
            return out
        if _is_file(piece.type):  # of any length, in HDF5
            out = np.empty(n, object)
            out[:] = [np.frombuffer(v or b"", np.uint8) for v in piece.to_pylist()]
            return out
        if _is_text(piece.type):
            texts = compute.fill_null(piece, "").to_pylist()
            return np.array([t.encode() for t in texts] if like.kind == "S" else texts, like)
        empty = np.nan if like.kind == "f" else 0
        if not _listed(piece.type):
            return np.array([empty if v is None else v for v in piece.to_pylist()], like)
        out = np.full((n, *axes), empty, like)
        there = piece.is_valid().to_numpy(zero_copy_only=False)
        held = piece.drop_null()
        while _listed(held.type):
            held = compute.list_flatten(held)
        out[there] = held.to_numpy(zero_copy_only=False).reshape(-1, *axes)
        return out


class ArrayForm(Gathered):
    """Files of arrays: those that no step touches are copied, others keep their type and place."""

    @abstractmethod
    def copy(self, source: Path, home: Path, changes: Mapping[str, ArrayChange]) -> None:
        """Write a file of the source again.

        Args:
            source: It.
            home: Where.
            changes: Arrays by their name that are not as they were, or not there.
        """

    def require(self) -> None:
        """Refuse what no array can hold, before anything is made."""
        layout, entries = self.layout, self.layout.dataset.manifest.modalities
        for modality in sorted(layout.others):
            for column in layout.homes[modality]:
                if reason := self._unable(column, entries[modality].kind):
                    raise UsageError(
                        f"column {column!r} of {modality!r} {reason}, and an array has no null",
                        where=layout.dataset.manifest.at,
                        fix=FIX,
                    )
        for block, (_, rows) in zip(self._blocks, self._selected, strict=True):
            lengths = {f"column {i}": (rows.size,) for i in range(len(block.names))}
            lengths |= {f"other {i}": (n,) for i, n in enumerate(block.beside)}
            if rows_of(lengths) != rows.size:
                raise UsageError(
                    f"of {rows.size} samples the columns could not be told from arrays of length "
                    f"{', '.join(map(str, block.beside))}",
                    where=str(self.sources[block.file]),
                    fix="another --limit or --split, or --format parquet",
                )

    def write(self) -> WrittenFile:
        """Write every file again."""
        for number, (source, home) in enumerate(zip(self.sources, self.homes, strict=True)):
            home.parent.mkdir(parents=True, exist_ok=True)
            self.copy(source, home, self._changes(number))
        return WrittenFile(masks=self._masks)

    def _changes(self, number: int) -> dict[str, ArrayChange]:
        out: dict[str, ArrayChange] = {}
        for block, (positions, rows) in zip(self._blocks, self._selected, strict=True):
            if block.file != number:
                continue
            for column, name in block.names.items():
                if column in self.changed:
                    out[name] = self._corrupted(column, positions)
                elif rows.size != block.rows:
                    out[name] = ArrayChange(rows.size, rows=rows)
            for column in self.schema.names:
                if column not in self.layout.schema.names and column not in self.said:
                    out[_called(column, block)] = self._corrupted(column, positions)
            for modality, column in self._masks.items():
                out[_called(column, block)] = self._mask(modality, positions)
        return out

    def _corrupted(self, column: str, positions: range) -> ArrayChange:
        """What was made of some samples of a column."""
        modality = self.layout.media.get(column)
        decoded = None
        if modality is not None:
            kind, shape = load_kind("image"), self.layout.dataset.shape(modality)
            decoded = _decoder(kind.decode, shape)

        def pieces() -> Iterator[pa.Array]:
            return (flat(t.column(0)) for t in self.corrupted(positions, [column]))

        return ArrayChange(len(positions), pieces=pieces, decoded=decoded)

    def _mask(self, modality: str, positions: range) -> ArrayChange:
        """Which of some samples have a modality."""
        homes = [*self.layout.homes[modality].values()]

        def pieces() -> Iterator[pa.Array]:
            for table in self.corrupted(positions, homes):
                there = [flat(table.column(home)).is_valid() for home in homes]
                yield there[0] if len(there) == 1 else compute.or_kleene(*there)

        return ArrayChange(len(positions), pieces=pieces)

    @cached_property
    def _masks(self) -> dict[str, str]:
        """A column for each modality that steps take away and whose arrays cannot say so."""
        layout, used = self.layout, {*self.layout.schema.names, self.layout.id}
        out: dict[str, str] = {}
        for modality in sorted(layout.touched):
            entry = layout.dataset.manifest.modalities[modality]
            takes = modality in layout.others or entry.mask is not None
            if takes and any(_masked(layout.schema.field(c).type) for c in layout.homes[modality]):
                out[modality] = free(f"{modality}_{PRESENT}", used)
                used.add(out[modality])
        return out

    def _unable(self, column: str, kind: str) -> str:
        """Why an array cannot hold a column that steps take values from; empty where it can."""
        own = self.layout.schema.field(column).type
        if pa.types.is_boolean(own) and load_kind(kind).columns == "several":
            return "holds truth values"
        if not pa.types.is_integer(own) or own.bit_width < FLOATS.bit_length():
            return ""
        ends = compute.min_max(self.layout.dataset.source.reader.column(column)).as_py()
        wide = max(abs(end or 0) for end in ends.values()) > FLOATS
        return "holds whole numbers that no float holds" if wide else ""

    @property
    def _blocks(self) -> tuple[ArrayBlock, ...]:
        blocks: tuple[ArrayBlock, ...] = cast("Any", self.layout.dataset.source.innermost).blocks
        return blocks

    @cached_property
    def _selected(self) -> list[tuple[range, Ints]]:
        """Of each block the positions of its samples, and their rows in it."""
        ends = np.cumsum([block.rows for block in self._blocks])
        starts = ends - [block.rows for block in self._blocks]
        rows, out = self.layout.dataset.rows, []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            first, last = np.searchsorted(rows, [start, end]).tolist()
            out.append((range(first, last), rows[first:last] - start))
        return out


def _decoder(decode: Callable[[Any, Shape], Any], shape: Shape) -> Callable[[Any], NDArray[Any]]:
    return lambda cell: cast("NDArray[Any]", decode({**cell, "error": None}, shape))


def _called(column: str, block: ArrayBlock) -> str:
    """What a new array is called, so that it is of the split of the others."""
    own, name = next(iter(block.names.items()))
    choices = (f"{column}{name[len(own) :]}", f"{name[: len(name) - len(own)]}{column}")
    return next((c for c in choices if split_of(c) == (column, block.split)), choices[0])


def _masked(kind: pa.DataType) -> bool:
    """Whether an array of a column cannot say that a value is absent, but for a mask."""
    inner = _innermost(kind)
    return pa.types.is_struct(kind) or (_listed(kind) and not pa.types.is_floating(inner))


def _width(piece: pa.Array, like: np.dtype[Any]) -> int:
    if not _is_text(piece.type):
        return 1
    sizes = compute.binary_length(piece) if like.kind == "S" else compute.utf8_length(piece)
    return compute.max(sizes).as_py() or 1


def _size(like: np.dtype[Any]) -> int:
    """Bytes of a letter."""
    return np.dtype(f"{like.kind}1").itemsize


def _innermost(kind: pa.DataType) -> pa.DataType:
    while _listed(kind):
        kind = kind.value_type
    return kind


def _listed(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_file(kind: pa.DataType) -> bool:
    return pa.types.is_struct(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
