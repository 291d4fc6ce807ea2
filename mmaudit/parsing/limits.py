"""How much one value of a dataset may be: what the keys of ``[source]`` raise or lower."""

from pathlib import Path

from mmaudit.errors import InputError

MAX_PIXELS = 100_000_000
MAX_SAMPLES = 250_000_000  # of a sound, over all its channels: a gigabyte
MAX_BYTES = 256 * 2**20  # of a file
TEXT = 16 * 2**20  # bytes of a text, which takes many times as many where it is worked on
SHARE = MAX_BYTES // TEXT
COLUMNS = 2**16  # of a table


def text_bytes(max_bytes: int) -> int:
    """Bytes that a text, a line of JSON or a cell of CSV may have, where a file may have some.

    Example:
        >>> text_bytes(1000), text_bytes(2**28), text_bytes(2**40)
        (1000, 16777216, 68719476736)
    """
    return min(max_bytes, max(TEXT, max_bytes // SHARE))


def check_columns(count: int, where: str | Path) -> None:
    """Refuse a table of more columns than `COLUMNS`.

    Raises:
        InputError: It has more.
    """
    if count > COLUMNS:
        raise InputError(
            f"{count:,} columns, more than {COLUMNS:,}",
            where=str(where),
            fix="fewer columns; many numbers are one column of lists",
        )
