"""What the columns of a source look like: names, types and first values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.kinds.base import Kind, load_kind, media_kinds
from mmaudit.manifest.readers.base import CELL, Feature, Reader
from mmaudit.parsing import npy
from mmaudit.parsing.numbers import number

LOOKED_AT = 200  # rows
CODE = re.compile(r"\s*0\d")  # how postal codes and such may begin, and numbers do not


@dataclass(frozen=True)
class ObservedColumn:
    """One column as it looks in the first rows.

    Attributes:
        name: Its name.
        type: Its Arrow type.
        feature: What the format says of it.
        values: Its first values that are not null.
    """

    name: str
    type: pa.DataType
    feature: Feature
    values: tuple[Any, ...]

    @cached_property
    def media(self) -> tuple[str, str]:
        """Kind of the files that it holds or names, and why; empty where it is none."""
        kinds = {name: load_kind(name) for name in media_kinds()}
        if self.feature.kind in kinds:
            return self.feature.kind, "the format says so"
        for cell in self.values[:8]:
            name, data = _parts(cell)
            if data and (kind := _magic(data, kinds)):
                return kind, f"its first bytes are those of {kind} files"
            for kind, entry in kinds.items():
                if name.lower().endswith(entry.suffixes):
                    return kind, f"it names files, as {name!r}"
        return "", ""

    @property
    def member(self) -> bool:
        """Whether it is all members of archives with one extension, as ``jpg``."""
        return self.type.equals(CELL) and "." not in self.name

    @cached_property
    def numeric(self) -> bool:
        """Whether its values are numbers, also as text."""
        if pa.types.is_string(self.type):
            return bool(self.values) and all(map(_is_number, self.values))
        return bool(
            pa.types.is_integer(self.type)
            or pa.types.is_floating(self.type)
            or pa.types.is_boolean(self.type)
        )

    @cached_property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.numeric and all(number(v).is_integer() for v in self.values)

    @cached_property
    def words(self) -> float:
        """Words in a value, on average; 0 where it is not text."""
        texts = [t for t in map(_text, self.values) if t]
        return sum(len(t.split()) for t in texts) / len(texts) if texts else 0.0

    @cached_property
    def distinct(self) -> int:
        """How many different values the first rows have."""
        return len({repr(v) for v in self.values})

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of its lists of numbers; one without a number says nothing."""
        lists = [_shape(v) for v in self.values[:32]]
        return tuple(s for s in lists if s and 0 not in s)


def columns(reader: Reader) -> list[ObservedColumn]:
    """All columns of a source as they look in its first rows."""
    schema = reader.schema
    rows = np.arange(min(len(reader), LOOKED_AT), dtype=np.int64)
    return [_column(reader, field, rows) for field in schema]


def _column(reader: Reader, field: pa.Field, rows: Any) -> ObservedColumn:
    # files are heavy: a few tell as much as many
    few = rows[:8] if pa.types.is_struct(field.type) or pa.types.is_binary(field.type) else rows
    values: Sequence[Any] = reader.take([field.name], few).column(0).to_pylist()
    feature = reader.features.get(field.name, Feature())
    return ObservedColumn(
        field.name, field.type, feature, tuple(v for v in values if v is not None)
    )


def file_name(cell: Any) -> str:
    """The name of the file that a cell names; empty where it holds one, or none."""
    name, data = _parts(cell)
    return "" if data else name


def _parts(cell: Any) -> tuple[str, bytes]:
    if isinstance(cell, dict):
        return str(cell.get("path") or ""), cell.get("bytes") or b""
    if isinstance(cell, bytes):
        return "", cell
    return (cell, b"") if isinstance(cell, str) and len(cell) < 500 else ("", b"")


def _magic(data: bytes, kinds: dict[str, Kind]) -> str:
    return next((name for name, kind in kinds.items() if (of := kind.file_format) and of(data)), "")


def _is_number(text: str) -> bool:
    if CODE.match(text):
        return False
    try:
        number(text)
    except ValueError:
        return False
    return True


def _text(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], str):
        return value[0]
    if isinstance(value, dict) and "bytes" in value:
        value = value["bytes"]
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8-sig")
        except UnicodeDecodeError:
            return ""
    return value if isinstance(value, str) else ""


def _shape(value: Any) -> tuple[int, ...]:
    if isinstance(value, dict):
        value = value.get("bytes")
    if isinstance(value, bytes):
        if not value.startswith(b"\x93NUMPY"):
            return ()
        try:
            return npy.from_bytes(value).shape
        except ValueError:
            return ()  # it is skipped, with its reason, when it is decoded
    try:
        array = np.array(value, np.float64) if isinstance(value, list) else np.empty(())
    except (ValueError, TypeError):
        return ()
    return array.shape
