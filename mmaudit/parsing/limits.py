"""How much a value of a dataset may be, and how much a file: what is refused before it grows.

What one value may be, the keys of ``[source]`` raise or lower. What a file or a set of files may
be, a person raises by a variable of the environment, ``MMAUDIT_MAX_…``: no file from others can.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from mmaudit.errors import InputError, UsageError

MAX_PIXELS = 100_000_000
MAX_SAMPLES = 250_000_000  # of a sound, over all its channels: a gigabyte
MAX_BYTES = 256 * 2**20  # of a file
TEXT = 16 * 2**20  # bytes of a text, which takes many times as many where it is worked on
SHARE = MAX_BYTES // TEXT
LARGEST = 2**62  # that any of these can be: libraries count in 64 bits


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How much of something there may be, unless a person says otherwise.

    Attributes:
        name: What, as in the variable that raises it.
        usual: How much where nobody says.
    """

    name: str
    usual: int

    @property
    def variable(self) -> str:
        """The variable of the environment that raises it."""
        return f"MMAUDIT_MAX_{self.name}"

    @property
    def most(self) -> int:
        """How much there may be.

        Raises:
            UsageError: The variable is no number above 0.
        """
        text = os.environ.get(self.variable, "")
        if text and not (text.isdecimal() and text.isascii() and int(text)):
            raise UsageError(
                f"{self.variable}={text!r} is no number", fix=f"{self.variable}={self.usual}"
            )
        return int(text) if text else self.usual

    @property
    def fix(self) -> str:
        """What to set where more is meant."""
        return f"set {self.variable} to more, where the file is to be trusted with that"

    def __str__(self) -> str:
        return f"{self.most:,} ({self.variable})"


COLUMNS = Ceiling("COLUMNS", 2**16)  # of a table
DEPTH = Ceiling("DEPTH", 64)  # levels of lists and objects in JSON and TOML
TEXT_BYTES = Ceiling("TEXT_BYTES", 2**30)  # of a text file that is read whole
ZIP_MEMBERS = Ceiling("ZIP_MEMBERS", 100_000)
ZIP_BYTES = Ceiling("ZIP_BYTES", 2**30)  # unpacked, that need no reason
PARQUET_BYTES = Ceiling("PARQUET_BYTES", 2**29)  # unpacked, of a column, that need no reason
TAR_MEMBERS = Ceiling("TAR_MEMBERS", 20_000_000)  # of all archives: an index of half a gigabyte
EXTENSIONS = Ceiling("EXTENSIONS", 10_000)  # of members of archives: each is a column
FILES = Ceiling("FILES", 100_000)  # that a pattern in braces may mean
DOWNLOAD = Ceiling("DOWNLOAD", 64 * 2**30)  # bytes of a file


def text_bytes(max_bytes: int) -> int:
    """Bytes that a text, a line of JSON or a cell of CSV may have, where a file may have some.

    Example:
        >>> text_bytes(1000), text_bytes(2**28), text_bytes(2**40)
        (1000, 16777216, 68719476736)
    """
    return min(max_bytes, max(TEXT, max_bytes // SHARE))


def check_columns(count: int, where: str | Path) -> None:
    """Refuse a table of more columns than there may be.

    Raises:
        InputError: It has more.
    """
    if count > COLUMNS.most:
        raise InputError(
            f"{count:,} columns, more than {COLUMNS}",
            where=str(where),
            fix=f"fewer columns, as many numbers are one column of lists; or {COLUMNS.fix}",
        )
