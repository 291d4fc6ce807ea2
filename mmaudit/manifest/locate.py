"""Which files a source means, and which reader reads them."""

import re
from collections.abc import Iterator
from glob import glob, has_magic
from pathlib import Path
from threading import Lock
from typing import cast

from mmaudit import parts
from mmaudit.errors import InputError, UsageError
from mmaudit.manifest.model import MAX_BYTES
from mmaudit.manifest.readers.base import Open, Reader

READERS = "manifest/readers"
FOLDER = "imagefolder"  # the reader of folders of media; all others read files
MANIFEST = "dataset.toml"
MOST_OPEN = 4  # readers that are kept for the next who asks

_READERS: dict[tuple[object, ...], Reader] = {}
_LOCK = Lock()


def opened(
    path: str, folder: Path, format: str = "auto", most: int = MAX_BYTES
) -> tuple[Reader, Path]:
    """Open what a source's path means.

    Args:
        path: File, folder or pattern.
        folder: What it is relative to.
        format: Name of a reader, or ``auto``.
        most: Bytes that one value may have.

    Returns:
        The reader, and the folder that file names in the data are relative to.

    Raises:
        UsageError: There is no such reader, or the path is a URL.
        InputError: There is nothing there, or nothing a reader knows.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", path):
        raise UsageError(
            f"cannot read {path!r} over the network",
            fix="copy the data to this machine first, and give the folder",
        )
    name, files = _chosen(_found(path, folder), format)
    root = files[0] if files[0].is_dir() else files[0].parent
    return _kept(name, tuple(files), most), root


def _kept(name: str, files: tuple[Path, ...], most: int) -> Reader:
    """A reader that is open already while its files stay the same, or a new one."""
    key = (name, most, *_stamps(files))
    with _LOCK:
        if key not in _READERS:
            module = parts.load(READERS, name)
            reader = cast("Open", module.open)(files, most=most)
            while len(_READERS) >= MOST_OPEN:
                _READERS.pop(next(iter(_READERS)))
            _READERS[key] = reader
        return _READERS[key]


def _stamps(files: tuple[Path, ...]) -> list[tuple[str, int, int]]:
    """What changes when a source's own files do; of folders, what metadata and folders say."""
    looked_at = [*files]
    for folder in (f for f in files if f.is_dir()):
        metadata = sorted(folder.glob("metadata.*"))
        deeper = [] if metadata else [f for f in sorted(folder.glob("*")) if f.is_dir()]
        looked_at += [*metadata, *deeper, *(m for f in deeper for m in f.glob("metadata.*"))]
    told = [(str(f), f.stat()) for f in looked_at]
    return [(path, stat.st_size, stat.st_mtime_ns) for path, stat in told]


def _found(path: str, folder: Path) -> list[Path]:
    paths: list[Path] = []
    for pattern in _braces(path):
        literal = folder / pattern
        if has_magic(pattern) and not literal.exists():
            hits = glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207  may be absolute
            paths += [folder / hit for hit in sorted(hits)]
        else:
            paths.append(literal)
    missing = next((p for p in paths if not p.exists()), None)
    if missing or not paths:
        raise InputError(
            "there is no such file or folder",
            where=str(missing or folder / path),
            fix="check the path; it is relative to the manifest",
        )
    return paths


def _chosen(paths: list[Path], format: str) -> tuple[str, list[Path]]:
    if format not in {"auto", *parts.names(READERS)}:
        raise parts.unknown(READERS, format)
    if len(paths) == 1 and paths[0].is_dir():
        if format == FOLDER or (format == "auto" and not _tables(paths[0], format)):
            return FOLDER, paths
        paths = _tables(paths[0], format) or _nothing(paths[0])
    if format != "auto":
        return format, paths
    names = {path: _format(path) for path in paths}
    if len(set(names.values())) > 1:
        raise InputError(
            f"files of several formats: {', '.join(sorted(set(names.values())))}",
            where=str(paths[0].parent),
            fix="give a pattern that matches the files of one dataset, as 'data/*.parquet'",
        )
    return names[paths[0]], paths


def _tables(folder: Path, format: str) -> list[Path]:
    """The data files of a folder, if it is one of data files and not of media."""
    if any((folder / f"metadata{suffix}").exists() for suffix in (".csv", ".jsonl", ".parquet")):
        return []
    by_format: dict[str, list[Path]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        for name, suffixes in _suffixes():
            if path.name.lower().endswith(suffixes) and format in {"auto", name}:
                by_format.setdefault(name, []).append(path)
    return max(by_format.values(), key=len, default=[])


def _nothing(folder: Path) -> list[Path]:
    raise InputError("no data file in the folder", where=str(folder), fix="check the path")


def _format(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start[257:262] == b"ustar":
        return "webdataset"
    for name, suffixes in _suffixes():
        if path.name.lower().endswith(suffixes):
            return name
    raise InputError(
        "no reader knows this file by its name or its first bytes",
        where=str(path),
        fix=f"give a file of {', '.join(parts.names(READERS))}, or say format in [source]",
    )


def _suffixes() -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in parts.names(READERS):
        suffixes: tuple[str, ...] = parts.load(READERS, name).SUFFIXES
        if suffixes:
            yield name, suffixes


def _braces(pattern: str) -> list[str]:
    """Expand ``{000..127}`` and ``{a,b}`` as a shell would."""
    found = re.search(r"\{(\d+)\.\.(\d+)\}|\{([^{}]*,[^{}]*)\}", pattern)
    if not found:
        return [pattern]
    first, last, listed = found.groups()
    if listed is None:
        width = len(first) if first.startswith("0") else 0
        options = [f"{number:0{width}}" for number in range(int(first), int(last) + 1)]
    else:
        options = listed.split(",")
    head, tail = pattern[: found.start()], pattern[found.end() :]
    return [done for option in options for done in _braces(f"{head}{option}{tail}")]
