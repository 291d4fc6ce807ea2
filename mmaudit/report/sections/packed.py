"""Columns packed for a page: bytes, compressed without a time stamp, as base64."""

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.report.words import visible

LONGEST_TEXT = 240  # characters of one text in the browser
MOST_CODES = 250  # values of a column that is sent as one byte a row
RIGHT = 128  # the bit that says that an answer was right; the others are its probability in percent


def packed(data: bytes) -> str:
    """Compressed bytes as base64; the same bytes always give the same text."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def texts(values: Sequence[Any]) -> str:
    """Texts as a compressed JSON array, each made visible and cut."""
    shown = ["" if v is None else visible(str(v), longest=LONGEST_TEXT) for v in values]
    return packed(json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode())


def column(name: str, help: str, values: pa.ChunkedArray) -> dict[str, Any]:
    """A column of the browser in the form that fits its values.

    Numbers and truth values become 32-bit floats (absent: NaN); texts with few values become one
    byte a row; other texts stay texts.
    """
    head = {"name": visible(name, longest=60), "help": visible(help)}
    kind = values.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return head | {"kind": "number", "data": packed(floats(values))}
    plain = pc.cast(values, pa.string()).combine_chunks().dictionary_encode()
    if isinstance(plain, pa.ChunkedArray):
        plain = plain.combine_chunks()
    names = plain.dictionary.to_pylist()
    if len(names) > MOST_CODES:
        return head | {"kind": "text", "data": texts(plain.to_pylist())}
    codes = pc.fill_null(pc.add(pc.cast(plain.indices, pa.uint8()), pa.scalar(1, pa.uint8())), 0)
    shown = ["", *(visible(n, longest=LONGEST_TEXT) for n in names)]
    return head | {"kind": "code", "values": shown, "data": packed(raw(codes))}


def floats(values: pa.ChunkedArray) -> bytes:
    """Little-endian 32-bit floats; null is NaN."""
    wide = pc.fill_null(pc.cast(pc.cast(values, pa.float64()), pa.float32()), float("nan"))
    return raw(wide)


def answers(p_true: pa.ChunkedArray, correct: pa.ChunkedArray) -> bytes:
    """A byte a row: the probability of the truth in percent, and whether the answer was right."""
    percent = pc.cast(pc.round(pc.multiply(pc.cast(p_true, pa.float64()), 100.0)), pa.uint8())
    bit = pc.multiply(pc.cast(correct, pa.uint8()), pa.scalar(RIGHT, pa.uint8()))
    return raw(pc.add(percent, bit))


def raw(values: pa.Array | pa.ChunkedArray) -> bytes:
    """The buffer of a column of fixed width without nulls."""
    one = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if isinstance(one, pa.ChunkedArray):
        one = pa.concat_arrays(one.chunks) if one.num_chunks else pa.array([], one.type)
    width = one.type.bit_width // 8
    start = one.offset * width
    buffer = one.buffers()[1]
    return buffer.to_pybytes()[start : start + len(one) * width] if buffer is not None else b""
