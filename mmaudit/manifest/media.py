"""Files of media: what one is, and its bytes, without leaving the dataset's folder."""

import os
import re
import stat
from functools import lru_cache
from pathlib import Path

from mmaudit.kinds.base import load_kind, media_kinds

ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|data:")
ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")  # on this system or on Windows
SNAPSHOTS, BLOBS = "snapshots", "blobs"  # folders of the cache of the Hugging Face Hub


HEAD = 64  # bytes that tell what a file is
RAW = (".dng", ".nef", ".nrw", ".cr2", ".arw", ".orf", ".rw2", ".pef", ".srw")  # TIFF, not theirs


class Refused(ValueError):  # noqa: N818  what it is, not that it is an error
    """A file that is not read, and why."""


def fetch(root: Path | None, name: str, most: int, links: Path | None = None) -> bytes:
    """The bytes of a file named in the data.

    Args:
        root: Folder that the name is relative to; None if there is none to read from.
        name: Path as written in the data, relative to the root; an absolute one leads into it.
        most: Bytes that are read at most.
        links: Folder that links in the root may lead into, and not leave; None: the root.

    Raises:
        Refused: The name is a URL, leaves the folder (also by a symbolic link), or the file is
            missing, special or too large.
    """
    if root is None:
        raise Refused("a file is not read where no folder is named as root in [source]")
    path = _real(root, name, links)
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise Refused("not a regular file")
            if facts.st_size > most:
                raise Refused(f"{facts.st_size} bytes, more than max_bytes = {most}")
            return file.read(facts.st_size)
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror or error}") from error


def resolve(root: Path, name: str, links: Path | None = None) -> Path:
    """The file that a name in the data means.

    Raises:
        Refused: The name is a URL, or leaves the folder.
    """
    return Path(_real(root, name, links))


def blobs_of(root: Path) -> Path | None:
    """The folder that links of a snapshot lead into, in a cache of the Hub; None elsewhere."""
    above = [root.absolute(), *root.absolute().parents]
    homes = [p.parent for p in above if p.name == SNAPSHOTS and (p.parent / BLOBS).is_dir()]
    return homes[0] if homes else None


def kind_of(path: str | Path) -> str:
    """Kind of a file of media by its name, or by its first bytes; empty where it is none."""
    name = os.path.basename(path).lower()  # noqa: PTH119  one of very many
    for kind in media_kinds():
        if name.endswith(load_kind(kind).suffixes):
            return kind
    if name.endswith(RAW):
        return ""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            head = file.read(HEAD) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except OSError:
        return ""
    return next((k for k in media_kinds() if (of := load_kind(k).file_format) and of(head)), "")


def _real(root: Path, name: str, links: Path | None) -> str:
    # without pathlib, which would take as long as reading a small file
    if ELSEWHERE.match(name):
        raise Refused("a URL is not read; copy the file into the dataset's folder")
    if "\0" in name:
        raise Refused("the name holds a zero byte")
    home = _home(os.fspath(root))
    if ABSOLUTE.match(name):
        name = _relative(root, home, name)
    path = os.path.join(home, name)  # noqa: PTH118
    real = os.path.realpath(path)
    if os.path.commonpath([real, home]) == home:
        return real
    outside = "the path leaves the dataset's folder"
    if links is None or os.path.commonpath([os.path.normpath(path), home]) != home:
        raise Refused(outside)
    end = _home(os.fspath(links))
    if os.path.commonpath([real, end]) != end:
        raise Refused(f"{outside}, and the one that its links may lead into")
    return real


def _relative(root: Path, home: str, name: str) -> str:
    """An absolute path that leads into the root, relative to it."""
    for start in (home, os.path.abspath(root)):  # noqa: PTH100  as it is, or by a link
        if name.startswith(f"{start.rstrip(os.sep)}{os.sep}"):
            return os.path.relpath(name, start)
    folder = os.path.dirname(name) or name  # noqa: PTH120
    raise Refused(
        f"an absolute path that is not in the dataset's folder is not read; where it may be, say "
        f"root = {folder!r} in [source]"
    )


@lru_cache(16)
def _home(root: str) -> str:
    # should the folder become a link to another one, files of that one are refused
    return os.path.realpath(root)


def _open_without_waiting(path: str, flags: int) -> int:
    # opening a named pipe would wait for a writer that never comes
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
