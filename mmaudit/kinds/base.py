"""What a kind of modality is: one file says how its values are read, kept, cut, shown and written.

A kind is a part of kind ``kinds``: the module ``kinds/image.py`` is the kind ``image``, and its
constant ``KIND`` is a `Kind`. What only some kinds can do is None or False for the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import contract, parts
from mmaudit.arrays import Ball
from mmaudit.parsing.cells import named
from mmaudit.parsing.limits import MAX_PIXELS, MAX_SAMPLES, TEXT

FOLDER = "kinds"
FILES = ("rewrite", "suffixes", "file_format")  # what a kind of media says

Decode = Callable[[Any, "Shape"], Any]
Decoded = tuple[list[Any], dict[int, str]]  # values, None where absent; reasons by position
Block = tuple[NDArray[np.float64], list[set[str]]]  # numbers (n, width), categories of each column


class Undecodable(ValueError):  # noqa: N818  what it is, not that it is an error
    """A value that cannot be used, and why; it becomes a row of the table ``skipped``."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the values of a modality have in common; a value that differs is not used.

    Attributes:
        sizes: Numbers in a vector ``(d,)``, channels of a series ``(channel,)``; empty: any.
        rate: Samples a second of audio; 0: any.
        max_pixels, max_samples, max_text: Pixels, samples over all channels, bytes, at most.
        many: What to take of a list of texts, ``first`` or ``join``.
        categorical: Columns of a table that are categories.
        types: Types of a table's columns that are not written as floats.
    """

    sizes: tuple[int, ...] = ()
    rate: float = 0.0
    max_pixels: int = MAX_PIXELS
    max_samples: int = MAX_SAMPLES
    max_text: int = TEXT
    many: str = "first"
    categorical: frozenset[str] = frozenset()
    types: tuple[tuple[str, pa.DataType], ...] = ()


@dataclass(frozen=True, slots=True)
class Pieces:
    """One value cut into pieces that can be taken away.

    Attributes:
        names: What each piece is, for a person.
        without: The value with only some pieces left, from a mask ``(piece,)``.
        sides: How many pieces lie along each axis.
    """

    names: tuple[str, ...]
    without: Callable[[NDArray[np.bool_]], Any]
    sides: tuple[int, ...]


class SourceColumn(Protocol):
    """One column of a source as it looks in its first rows."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type(self) -> pa.DataType:
        """Its Arrow type."""

    @property
    def values(self) -> tuple[Any, ...]:
        """Its first values that are not null."""

    @property
    def media(self) -> tuple[str, str]:
        """Kind of the files that it holds or names, and why; empty where it is none."""

    @property
    def member(self) -> bool:
        """Whether it is all members of archives with one extension, as ``jpg``."""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers, also as text."""

    @property
    def words(self) -> float:
        """Words in a value, on average; 0 where it is not text."""

    @property
    def distinct(self) -> int:
        """How many different values the first rows have."""

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of its first lists of numbers."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Columns of a source that look like one modality of a kind.

    Attributes:
        name: What the modality is to be called.
        columns, why: The columns, and why, for a person.
        together: Whether all columns make one value; else the first that is there is taken.
        categorical: Those that are categories.
    """

    name: str
    columns: tuple[str, ...]
    why: str
    together: bool = False
    categorical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LooksLike:
    """One way in which ``mmaudit init`` tells columns of a kind.

    Attributes:
        rank: The surest are asked first; among equals columns go in their order.
        claims: What of the columns that no one has claimed yet is of the kind.
        ids: Whether it is also asked about columns whose names say that they tell rows apart.
    """

    rank: int
    claims: Callable[[Sequence[SourceColumn]], Iterator[Claim]]
    ids: bool = True


@dataclass(frozen=True, slots=True)
class Fill:
    """What stands in for an absent value, where that is not zeros of the same shape.

    Attributes:
        holds: Whether a value is of this kind: models are asked with values alone.
        zeros, blank: One filler from values of other samples: nothing; what is empty looks like.
        mean: The mean, of values in turn; None where shapes differ too much. None: it has none.
    """

    holds: Callable[[Any], bool]
    zeros: Callable[[Any], Any]
    blank: Callable[[Any], Any]
    mean: Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """All that mmaudit knows of a kind of modality.

    Attributes:
        decode: A cell of a batch as a value, None where absent; raises `Undecodable`.
        encode: The bytes of a value without loss, from the value and its samples a second.
        digest: sha256 of what is written for a value, or of the file of a medium.
        arrays: What is written for some values: an array a column, from them, names and the shape.
        empty: What stands for an absent value: from the first that is there, and the shape.
        decode_column: A whole column at once, where that is quicker than cell by cell.
        listed: Where it stands in lists of kinds.
        columns: Whether a value is in ``one`` column, in ``several``, or in ``either``.
        lists: Whether a cell may be a list of values, of which ``many`` says what to take.
        axes: How many axes a value has, where all values have the same shape.
        rate: Samples a second of a cell, where all values must have the same; None: it has none.
        length: Length of the last axis of a cell, where all values must have the same.
        media: Whether values are encoded files; then `rewrite`, `suffixes` and `file_format` are.
        rewrite: A value as a file of the form of the clean cell, from both and the rate.
        suffixes, noun: How names of such files end, and what such a file is called.
        file_format: What such a file is stored as, by its first 32 bytes; empty where it is none.
        beyond: What of a file is not in its value as it stands: how much, by what is done.
        looks_like: How columns of the kind are told.
        fill: What stands in for an absent value, where that is not zeros.
        always_mean: Whether any values have a mean.
        pieces: A value cut into pieces, for contributions inside a modality.
        features, steps: A value as plain features ``(d,)``, and of how many steps they are in turn.
        size: One number of a value: length, norm, loudness.
        blocks: Values as numbers, for the statistics of a modality; None: it has no mean.
        show: A value, with its rate, as galleries show it: ``text``, ``thumbnail`` or ``sound``.
        preview: What was done as a picture, from the clean value, the corrupted one, and its size.
        weight: Bytes of the decoded value that the header of a file tells, from its bytes.
        holds_lock: Whether its corruptions are mostly Python, so that threads wait for each other.
        encoders: Whether encoders of models know it, so that doses can be cosines of codes.
        ball: How far an attack through a model's gradients may move a value; None: it cannot.
    """

    decode: Decode
    encode: Callable[[Any, float], bytes]
    digest: Callable[[Any], str]
    arrays: Callable[[list[Any], Sequence[str], Shape], list[pa.Array]]
    empty: Callable[[Any, tuple[int, ...]], Any]
    decode_column: Callable[[pa.Array, Shape], Decoded] | None = None
    listed: int = 100  # after our own
    columns: Literal["one", "either", "several"] = "one"
    lists: bool = False
    axes: int = 0
    rate: Callable[[Any], float | None] | None = None
    length: Callable[[Any], float | None] | None = None
    media: bool = False
    rewrite: Callable[[Any, dict[str, Any], float], dict[str, Any]] | None = None
    suffixes: tuple[str, ...] = ()
    noun: str = "file"
    file_format: Callable[[bytes], str] | None = None
    beyond: Callable[[bytes, Shape], dict[str, int]] | None = None
    looks_like: tuple[LooksLike, ...] = ()
    fill: Fill | None = None
    always_mean: bool = False
    pieces: Callable[[Any], Pieces] | None = None
    features: Callable[[Any], NDArray[np.float32]] | None = None
    steps: int = 1
    size: Callable[[Any], float] | None = None
    blocks: Callable[[list[Any]], Iterator[Block]] | None = None
    show: Callable[[Any, float], dict[str, Any]] | None = None
    preview: Callable[[Any, Any, tuple[int, int]], Any] | None = None
    weight: Callable[[bytes, Shape], int] | None = None
    holds_lock: bool = False
    encoders: bool = False
    ball: Ball | None = None

    def column(self, cells: pa.Array, shape: Shape, ids: Sequence[str] = ()) -> Decoded:
        """Decode one column of a batch, of samples with these ids where they are known."""
        if self.decode_column is not None:
            return self.decode_column(cells, shape)
        return one_by_one(self.decode, cells, shape, ids)


def check(name: str, part: object) -> None:
    """Refuse a module without a ``KIND``, and one of media that does not say how they are files.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    kind = getattr(part, "KIND", None)
    lacking = contract.lacks_constant(part, "KIND", Kind)
    if isinstance(kind, Kind) and kind.media:
        lacking = [f"{k} in its KIND" for k in FILES if not getattr(kind, k)]
    contract.refuse(FOLDER, name, part, lacking, contract.place(Kind))


@cache
def load_kind(name: str) -> Kind:
    """The kind of a name.

    Raises:
        UsageError: There is no such kind.
        InputError: Its file does not say what a kind must.
        MissingError: It needs a package that is not installed.
    """
    kind: Kind = parts.load(FOLDER, name).KIND
    return kind


def kind_names() -> tuple[str, ...]:
    """Names of all kinds, in the order in which they are listed."""
    return tuple(sorted(parts.names(FOLDER), key=lambda name: (load_kind(name).listed, name)))


def media_kinds() -> tuple[str, ...]:
    """Names of the kinds whose values are encoded files."""
    return tuple(name for name in kind_names() if load_kind(name).media)


def is_media(name: str) -> bool:
    """Whether values of a kind are encoded files."""
    return load_kind(name).media


def content(cell: Any) -> Any:
    """What a cell carries: the bytes of a file, or the value itself; None where absent.

    Raises:
        Undecodable: The file could not be read.
    """
    if not isinstance(cell, dict) or "bytes" not in cell:
        return cell
    if cell.get("error"):
        raise Undecodable(f"{cell['path']}: {cell['error']}" if cell.get("path") else cell["error"])
    return cell["bytes"]


def one_by_one(decode: Decode, cells: pa.Array, shape: Shape, ids: Sequence[str] = ()) -> Decoded:
    """Decode a column cell by cell: a batch of encoded media is never copied."""
    values, reasons = list[Any](), dict[int, str]()
    for position, cell in enumerate(cells):
        try:
            values.append(named(decode, cell.as_py(), shape, ids[position] if ids else ""))
        except Undecodable as error:
            values.append(None)
            reasons[position] = str(error)
    return values, reasons
