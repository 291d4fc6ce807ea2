"""Seals: each table holds the sha256 of its own bytes, so that damage anywhere in it is seen.

The digest stands in the file's own metadata, and is that of the file with zeros in its place: other
programs read the table as any, and it can be moved and copied alone.
"""

import mmap
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import IO

KEY = b"mmaudit.sha256"
BLANK = b"0" * 64
GAP = 2  # bytes between a key and its value in the footer: the field, and a length below 128
TAIL = 8  # bytes at the end: the length of the footer, and what makes it Parquet
SEEN = 4096  # files of which it is remembered whether they are whole
YOUNG = 2 * 10**9  # nanoseconds in which a file can change and its time does not tell


def close(file: IO[bytes]) -> None:
    """Write the digest of a file over its blank.

    Args:
        file: A Parquet file in which `KEY` has the value `BLANK`, open for reading and writing.
    """
    file.flush()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        place = _place(content)
        if content[place : place + len(BLANK)] != BLANK:
            raise ValueError("the file has no place for its digest")
        written = sha256(content).hexdigest()
    file.seek(place)
    file.write(written.encode())


def digest(path: str | Path) -> str:
    """The digest that a file holds of itself; empty where it has none.

    Raises:
        OSError: It cannot be read.
    """
    with _content(path) as content:
        place = _place(content)
        return content[place : place + len(BLANK)].decode("ascii", "replace") if place else ""


def unbroken(path: str | Path) -> bool:
    """Whether a file is, byte for byte, what was written; also not, where it has no seal.

    A file is looked through once for as long as it does not change.

    Raises:
        OSError: It cannot be read.
    """
    state = Path(path).stat()
    young = time.time_ns() - state.st_mtime_ns < YOUNG
    look = _unbroken.__wrapped__ if young else _unbroken
    return look(str(path), state.st_ino, state.st_size, state.st_mtime_ns)


@lru_cache(SEEN)
def _unbroken(path: str, _inode: int, _size: int, _time: int) -> bool:
    with _content(path) as content:
        place = _place(content)
        if not place:
            return False
        now = sha256(content[:place])
        now.update(BLANK)
        now.update(content[place + len(BLANK) :])
        return now.hexdigest().encode() == content[place : place + len(BLANK)]


@contextmanager
def _content(path: str | Path) -> Iterator[bytes | mmap.mmap]:
    """The bytes of a file, read as they are looked at."""
    with Path(path).open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:  # cannot be mapped
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


def _place(content: bytes | mmap.mmap) -> int:
    """Where the digest stands in the footer; 0 where there is none."""
    footer = len(content) - TAIL - int.from_bytes(content[-TAIL : -TAIL // 2], "little")
    key = content.rfind(KEY, max(footer, 0))
    return key + len(KEY) + GAP if key >= 0 else 0
