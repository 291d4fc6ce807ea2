"""What the columns of a source look like: names, types and first values."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.manifest.readers.base import Feature, Reader
from mmaudit.manifest.readers.imagefolder import IMAGES, SOUNDS

LOOKED_AT = 200  # rows
MAGIC = {
    b"\xff\xd8\xff": "image",
    b"\x89PNG": "image",
    b"GIF8": "image",
    b"RIFF": "image",  # WebP; WAV is told apart below
    b"II*\0": "image",  # TIFF
    b"MM\0*": "image",
    b"fLaC": "audio",
    b"OggS": "audio",
    b"ID3": "audio",
    b"\xff\xfb": "audio",  # MP3 without a tag
    b"\xff\xf3": "audio",
    b"\xff\xf2": "audio",
}
WORDS_OF_A_TEXT = 3  # on average, from which a column of strings is text and not categories


@dataclass(frozen=True)
class Look:
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
        """``image`` or ``audio`` and why; empty where it is neither."""
        if self.feature.kind in {"image", "audio"}:
            return self.feature.kind, "the format says so"
        for cell in self.values[:8]:
            name, data = _parts(cell)
            if data and (kind := _magic(data)):
                return kind, f"its first bytes are those of {kind} files"
            for kind, suffixes in (("image", IMAGES), ("audio", SOUNDS)):
                if name.lower().endswith(suffixes):
                    return kind, f"it names files, as {name!r}"
        return "", ""

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
        return self.numeric and all(float(v).is_integer() for v in self.values)

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
    def shape(self) -> tuple[int, ...]:
        """Shape of its first list or ``.npy`` file of numbers, empty where it is none."""
        shapes = self.shapes
        return shapes[0] if shapes else ()

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shapes of its lists of numbers; one without a number says nothing."""
        found = [_shape(v) for v in self.values[:32]]
        return tuple(s for s in found if s and 0 not in s)


def looks(reader: Reader) -> list[Look]:
    """All columns of a source as they look in its first rows."""
    schema = reader.schema
    rows = np.arange(min(len(reader), LOOKED_AT), dtype=np.int64)
    return [_look(reader, field, rows) for field in schema]


def _look(reader: Reader, field: pa.Field, rows: Any) -> Look:
    # files are heavy: a few tell as much as many
    few = rows[:8] if pa.types.is_struct(field.type) or pa.types.is_binary(field.type) else rows
    values: Sequence[Any] = reader.take([field.name], few).column(0).to_pylist()
    feature = reader.features.get(field.name, Feature())
    return Look(field.name, field.type, feature, tuple(v for v in values if v is not None))


def _parts(cell: Any) -> tuple[str, bytes]:
    if isinstance(cell, dict):
        return str(cell.get("path") or ""), cell.get("bytes") or b""
    if isinstance(cell, bytes):
        return "", cell
    return (cell, b"") if isinstance(cell, str) and len(cell) < 500 else ("", b"")


def _magic(data: bytes) -> str:
    if data[8:12] == b"WAVE" or (data.startswith(b"FORM") and data[8:11] == b"AIF"):
        return "audio"
    if data.startswith(b"BM") and int.from_bytes(data[2:6], "little") == len(data):
        return "image"  # BMP: two letters alone could be a text
    return next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), "")


def _is_number(text: str) -> bool:
    try:
        float(text)
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
            return value.decode("utf-8")
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
            return np.lib.format.read_array_header_1_0(_header(value))[0]
        except ValueError:
            return ()  # it is skipped, with its reason, when it is decoded
    try:
        array = np.array(value, np.float64) if isinstance(value, list) else np.empty(())
    except (ValueError, TypeError):
        return ()
    return array.shape


def _header(data: bytes) -> BytesIO:
    file = BytesIO(data)
    np.lib.format.read_magic(file)
    return file
