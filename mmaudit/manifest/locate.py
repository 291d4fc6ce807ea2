"""Which files a source means, and which reader reads them."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path, PurePath
from threading import Lock
from typing import cast
from urllib.parse import urlsplit

from mmaudit import parts
from mmaudit.errors import InputError
from mmaudit.manifest import braces, patterns, remote, splits
from mmaudit.manifest.media import kind_of
from mmaudit.manifest.readers.base import Aside, Reader, ReaderPart
from mmaudit.manifest.walk import below, steady
from mmaudit.parsing.limits import MAX_BYTES
from mmaudit.stores.urls import is_url, shown

READERS = "manifest/readers"
FOLDER = "imagefolder"  # the reader of folders of media; all others read files
ARCHIVES = "webdataset"
METADATA = (".csv", ".jsonl", ".parquet")  # how the metadata of a folder of media ends
MANIFEST = "dataset.toml"
UNREAD = "file that is no data"
MOST_OPEN = 4  # readers that are kept for the next who asks
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"PK\x03\x04")  # gzip … zip
AT_ONCE = 4  # files that are fetched at a time

_READERS: dict[tuple[object, ...], Reader] = {}
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Located:
    """An opened source.

    Attributes:
        reader: Its rows.
        root: Folder that file names in the data are relative to; None where none can be told: the
            source is at a URL, beside which no files are read, or its files are in several folders.
        versions: Versions of the files by URL, where it is at one.
        files: The data files, or the folder of media.
        aside: What a URL lists and is no data.
    """

    reader: Reader
    root: Path | None
    versions: dict[str, str]
    files: tuple[Path, ...] = ()
    aside: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """A file or folder of a source.

    Attributes:
        path: Where it is on this machine.
        name: What it is called where it comes from, with its folders.
    """

    path: Path
    name: str


def opened(
    path: str,
    folder: Path,
    format: str = "auto",
    most: int = MAX_BYTES,
    pinned: Mapping[str, str] | None = None,
) -> Located:
    """Open what a source's path means; what is at a URL is fetched first.

    Args:
        path: File, folder, pattern or URL.
        folder: What it is relative to.
        format: Name of a reader, or ``auto``.
        most: Bytes that one value may have.
        pinned: Versions of files by URL that count, whatever is there now.

    Raises:
        UsageError: There is no such reader, or no such scheme.
        InputError: There is nothing there, or nothing a reader knows.
        MissingError: A URL cannot be reached.
    """
    with steady(path):
        return _opened(path, folder, format, most, pinned)


def _opened(
    path: str, folder: Path, format: str, most: int, pinned: Mapping[str, str] | None
) -> Located:
    far = is_url(path)
    path = (remote.local(path) if far else None) or path
    if far and is_url(path):
        urls, aside = _urls(path, format)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            fetched = list(pool.map(lambda url: remote.fetch(url, pinned), urls))
        files = [_File(f.path, urlsplit(f.url).path) for f in fetched]
        name, files = _format_of_files(files, format)
        versions = {f.url: f.version for f in fetched}
        paths = tuple(f.path for f in files)
        return Located(_reader(name, files, most), None, versions, paths, aside)
    some = [_File(p, str(p)) for p in patterns.matches(path, folder)]
    name, files = _format_of_files(some, format)
    roots = {f.path if f.path.is_dir() else f.path.parent for f in files}
    reader = _reader(name, files, most)
    root = getattr(getattr(reader, "inner", reader), "root", None) or (
        roots.pop() if len(roots) == 1 else None
    )
    return Located(reader, root, {}, tuple(f.path for f in files))


def _reader(name: str, files: Sequence[_File], most: int) -> Reader:
    reader = _open_reader(name, tuple(f.path for f in files), most)
    return splits.by_file(reader, [f.name for f in files]) if name != FOLDER else reader


def _urls(path: str, format: str) -> tuple[list[str], tuple[Aside, ...]]:
    """The files that a URL means, and what a folder has besides: of a folder, its data files."""
    urls: list[str] = []
    aside: list[Aside] = []
    for url in braces.expanded(path):
        matches = remote.listed(url)
        if matches != [url] and not has_magic(url):
            files = [_File(Path(urlsplit(u).path), u) for u in matches]
            listed, matches = matches, [f.name for f in _of_one_format(files, format)]
            if others := sorted({*listed} - {*matches}):
                aside.append(Aside(UNREAD, len(others), shown(others[0])))
            if not matches:
                raise InputError(
                    "no data file in the folder",
                    where=shown(url),
                    fix="Parquet, CSV, JSON Lines or tar files; a folder of media is not fetched, "
                    "copy it to this machine",
                )
        urls += matches
    return urls, tuple(aside)


def _open_reader(name: str, files: tuple[Path, ...], most: int) -> Reader:
    """A reader that is open already while its files stay the same, or a new one."""
    key = (name, most, *_stamps(files))
    with _LOCK:
        if key not in _READERS:
            part = parts.load(READERS, name)
            reader = cast("ReaderPart", part).open(files, most=most)
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
    stats = [(str(f), f.stat()) for f in looked_at]
    return [(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats]


def _format_of_files(files: list[_File], format: str) -> tuple[str, list[_File]]:
    if format not in {"auto", *parts.names(READERS)}:
        raise parts.unknown(READERS, format)
    if len(files) == 1 and files[0].path.is_dir():
        folder = files[0].path
        for name in parts.names(READERS) if format == "auto" else [format]:
            own = getattr(parts.load(READERS, name), "files_of", None)
            if own is not None and (listed := own(folder)):
                return name, [_File(p, str(p)) for p in listed]
        if format == FOLDER or (format == "auto" and not _tables(folder, format)):
            return FOLDER, files
        files = _tables(folder, format) or _nothing(folder)
    if format != "auto":
        return format, files
    names = [_format(file) for file in files]
    if len(set(names)) > 1:
        raise InputError(
            f"files of several formats: {', '.join(sorted(set(names)))}",
            where=str(PurePath(files[0].name).parent),
            fix="give a pattern that matches the files of one dataset, as 'data/*.parquet'",
        )
    return names[0], files


def _tables(folder: Path, format: str) -> list[_File]:
    """The data files of a folder, if it is one of data files and not of media."""
    paths = below(folder)
    if format == "auto" and _has_metadata(folder, paths):
        return []
    return _of_one_format([_File(p, str(p)) for p in paths], format)


def _has_metadata(folder: Path, paths: Sequence[Path]) -> bool:
    """Whether there are files of metadata: of the folder, or of a folder in it with media."""
    homes = {p.parent for p in paths if p.stem == "metadata" and p.suffix in METADATA}
    if folder in homes or not homes:
        return bool(homes)
    return any(kind_of(p) for p in paths if not homes.isdisjoint(p.parents))


def _of_one_format(files: Sequence[_File], format: str) -> list[_File]:
    """The data files among some files, if they are of one format.

    Tables beside archives of the same names are what img2dataset writes about the archives.

    Raises:
        InputError: They are of several formats, and none is asked for.
    """
    by_format: dict[str, list[_File]] = {}
    endings = tuple(_suffixes())  # loading parts for every file of a large folder takes seconds
    for file in files:
        for name, suffixes in endings:
            if file.path.name.lower().endswith(suffixes) and format in {"auto", name}:
                by_format.setdefault(name, []).append(file)
    archives = {str(f.path.with_suffix("")) for f in by_format.get(ARCHIVES, [])}
    if archives:
        for name in by_format.keys() - {ARCHIVES}:
            by_format[name] = [
                f for f in by_format[name] if str(f.path.with_suffix("")) not in archives
            ]
    there = {name: those for name, those in by_format.items() if those}
    if len(there) > 1:
        counts = ", ".join(f"{len(those)} of {name}" for name, those in sorted(there.items()))
        raise InputError(
            f"data files of several formats: {counts}",
            where=str(PurePath(files[0].name).parent),
            fix="name those that count, as 'data/*.parquet', or say format in [source]",
        )
    return next(iter(there.values()), [])


def _nothing(folder: Path) -> list[_File]:
    raise InputError("no data file in the folder", where=str(folder), fix="check the path")


def _format(file: _File) -> str:
    if file.path.name.lower().endswith(".npz"):  # packed by itself
        return "npz"
    with file.path.open("rb") as stream:
        start = stream.read(512)
    if start.startswith(b"PAR1"):
        return "parquet"
    if start[257:262] == b"ustar":
        return "webdataset"
    if start.startswith(PACKED):
        raise InputError(
            "the file is compressed", where=str(file.path), fix="unpack it; Parquet packs by itself"
        )
    for name, suffixes in _suffixes():
        if file.path.name.lower().endswith(suffixes):
            return name
    for name in parts.names(READERS):
        claims = getattr(parts.load(READERS, name), "claims", None)
        if claims is not None and claims(file.path):
            return name
    raise InputError(
        "no reader knows this file by its name or its first bytes",
        where=str(file.path),
        fix=f"give a file of {', '.join(parts.names(READERS))}, or say format in [source]",
    )


def _suffixes() -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in parts.names(READERS):
        suffixes: tuple[str, ...] = parts.load(READERS, name).SUFFIXES
        if suffixes:
            yield name, suffixes
