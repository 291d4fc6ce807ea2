"""How large a value can be that a Parquet column writes once and repeats by its number.

The size of a column says nothing of that: a value of a megabyte that a million rows have takes
a few bytes a row. It stands in the page that holds the values, of which the header is read here.

References:
    Apache Parquet format, PageHeader, in Thrift's compact protocol
"""

from typing import IO, Any

DICTIONARY = 2  # the type of such a page
PREFIXES = "DELTA_BYTE_ARRAY"  # an encoding in which a value repeats the beginning of another
HEADER = 32  # bytes that hold the first fields
BYTES = "BYTE_ARRAY"


def largest(file: IO[bytes], chunk: Any) -> int:
    """Bytes of a value that can be repeated, at most; 0 where none is.

    Args:
        file: The Parquet file.
        chunk: The metadata of a column of a row group.
    """
    if chunk.physical_type != BYTES:
        return 0
    if PREFIXES in chunk.encodings:
        return int(chunk.total_uncompressed_size)
    file.seek(max(0, chunk.dictionary_page_offset or chunk.data_page_offset))
    header = file.read(HEADER)
    try:
        kind, at = _number(header, 0)
        size, _ = _number(header, at)
    except (IndexError, ValueError):
        return int(chunk.total_uncompressed_size)
    return max(size, 0) if kind == DICTIONARY else 0


def _number(data: bytes, at: int) -> tuple[int, int]:
    """The number of the next field, and where the one after it begins."""
    if data[at] != 0x15:  # the field after the one before, a number of 32 bits
        raise ValueError("not a page header")
    value = shift = 0
    while True:
        at += 1
        value |= (data[at] & 0x7F) << shift
        shift += 7
        if data[at] < 0x80:
            return (value >> 1) ^ -(value & 1), at + 1
