"""Files at URLs: fetched once, whole, into a folder of this machine, and read from there."""

import errno
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any
from urllib.parse import unquote, urlsplit
from urllib.request import Request

from mmaudit.errors import MissingError, UsageError
from mmaudit.manifest import _web
from mmaudit.stores import cache, systems
from mmaudit.stores.reaching import Reaching
from mmaudit.stores.urls import shown

HTTP = frozenset({"http", "https"})
LOCAL = frozenset({"file", "local"})
BLOCK = 2**20
SOURCES = "sources"  # in the cache: what was fetched
VALIDATORS = (  # what file systems say of a version of a file, beside its size
    *("ETag", "etag", "md5", "md5Hash", "generation", "version_id", "VersionId", "blob_id", "oid"),
    *("mtime", "LastModified", "last_modified", "modified", "updated", "created"),
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that was fetched.

    Attributes:
        url: Where it is from.
        version: What tells this content from others at the same URL.
        path: Where it is now.
    """

    url: str
    version: str
    path: Path


def local(url: str) -> str | None:
    """The path that a ``file://`` URL means; None for other URLs.

    Raises:
        UsageError: It is none that can be meant.
    """
    try:
        split = urlsplit(url)
    except ValueError as error:
        raise UsageError(f"not a URL: {error}", where=url, fix="scheme://host/path") from error
    if split.scheme.lower() not in LOCAL:
        return None
    if split.netloc not in {"", "localhost"}:
        raise UsageError(
            f"the file URL names the host {split.netloc!r}",
            where=url,
            fix="file:///absolute/path, or a path without file://",
        )
    return unquote(split.path)


def listed(url: str) -> list[str]:
    """The files that a URL means: itself, what a pattern matches, or all files of a folder.

    Raises:
        MissingError: There is nothing there, or a package for its scheme is not here.
        UsageError: A web server cannot be asked what it has.
    """
    if urlsplit(url).scheme.lower() in HTTP:
        if "@" in urlsplit(url).netloc:
            raise UsageError(
                "a web address with a user or a password is not read",
                where=shown(url),
                fix="an address that needs none, or copy the data to this machine",
            )
        if re.search(r"[*\[]", urlsplit(url).path):
            raise UsageError(
                "a web server does not say what files it has",
                where=shown(url),
                fix="name the files, as in shard-{000..127}.tar",
            )
        return [url]
    file_system, path = systems.opened(url)
    with Reaching(shown(url)):
        if re.search(r"[*?\[]", path):
            paths = sorted(p for p in file_system.glob(path) if not file_system.isdir(p))
        elif file_system.isdir(path):
            paths = sorted(file_system.find(path))
        else:
            return [url]
        if not paths:
            raise FileNotFoundError(errno.ENOENT, "no file matches")
        return [_whole(url, path, file_system, p) for p in paths]


def _whole(url: str, path: str, file_system: Any, file: str) -> str:
    """The URL of a file that was found: with the host, which some file systems leave out."""
    url = url.rstrip("/")
    if url.endswith(path):
        return url.removesuffix(path) + file
    return str(file_system.unstrip_protocol(file))


def fetch(url: str, pinned: Mapping[str, str] | None = None) -> Fetched:
    """A file at a URL, from the folder of what was fetched before or from its place.

    What was fetched is used again while the URL's ETag, or size and time, stay the same; where
    the place says neither, it is fetched again each time.

    Args:
        url: Where it is.
        pinned: Versions by URL that a run began with: they count, whatever is there now.

    Raises:
        MissingError: It is not there, cannot be reached, or there is no room for it.
    """
    version = (pinned or {}).get(url)
    if version is not None and _place(url, version).is_file():
        return Fetched(url, version, _place(url, version))
    with _opened(url) as (stream, stated, size):
        current = stated or ""
        if not (current and _place(url, current).is_file()):
            current = _store(url, stream, size, current)
    if version not in {None, current}:
        raise MissingError(
            "the file changed while it was in use", where=shown(url), fix="start the run again"
        )
    return Fetched(url, current, _place(url, current))


def _place(url: str, version: str) -> Path:
    return cache.place(SOURCES, url, version)


def _store(url: str, stream: IO[bytes], size: int | None, version: str) -> str:
    """Write a file beside its place, and move it there when it is whole."""
    digest, count, temporary = sha256(), 0, None
    try:
        with _room():
            cache.folder(SOURCES).mkdir(mode=0o700, parents=True, exist_ok=True)
            file = NamedTemporaryFile(dir=cache.folder(SOURCES), prefix=".part-", delete=False)  # noqa: SIM115
        temporary = Path(file.name)
        with file:
            pace = _web.Pace(shown(url), size)
            for block in _web.blocks(stream, BLOCK):
                digest.update(block)
                count += len(block)
                pace.check(count)
                with _room():
                    file.write(block)
        if size is not None and count != size:
            raise OSError(errno.EIO, f"cut off after {count} of {size} bytes")
        version = version or digest.hexdigest()
        with _room():
            _place(url, version).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.replace(_place(url, version))
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return version


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MissingError(
            f"no room for a fetched file: {error.strerror}",
            where=str(cache.folder(SOURCES)),
            fix="free some space there, or set XDG_CACHE_HOME to a folder that has it",
        ) from error


@contextmanager
def _opened(url: str) -> Iterator[tuple[IO[bytes], str, int | None]]:
    """The bytes of a file, its version (empty if it has none), and its size if it is told."""
    with Reaching(shown(url)):
        if urlsplit(url).scheme.lower() in HTTP:
            request = Request(url, headers={"User-Agent": "mmaudit"})  # noqa: S310  http alone
            with _web.opened(request) as answer:
                length = answer.headers.get("Content-Length")
                said = [answer.headers.get("ETag"), answer.headers.get("Last-Modified")]
                stated = f"{said} {length}" if any(said) else ""
                yield answer, stated, int(length) if length else None
            return
        file_system, path = systems.opened(url)
        file_system.invalidate_cache()
        info = file_system.info(path)
        said = [f"{key}={info[key]}" for key in VALIDATORS if info.get(key) is not None]
        stated = f"{said} {info.get('size')}" if said else ""
        with file_system.open(path, "rb") as stream:
            yield stream, stated, info.get("size")
