"""Trees: datasets in object stores, of which what is opened is brought to this machine, once.

They lie here as they lie there, so that a reader opens them as any other files. What was brought
before is used while the store states the same content; what nobody opens is never fetched.
"""

import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from functools import cached_property
from glob import has_magic
from hashlib import file_digest
from pathlib import Path
from threading import Lock

from mmaudit.errors import InputError
from mmaudit.manifest import braces
from mmaudit.stores import cache
from mmaudit.stores.objects import Objects, Stated
from mmaudit.stores.urls import is_url, store_of

DATASETS = "datasets"  # in the cache: trees
STORES = re.compile("(s3|s3a|gs|gcs|az)://")  # other places are fetched file by file, by their URLs
AT_ONCE = 8  # files on their way


class StoredFolder:
    """A folder in a store, and what of it is here.

    Attributes:
        url: The address in the store.
        folder: The folder of this machine.
    """

    def __init__(self, url: str, *, fresh: bool = True) -> None:
        """A tree; where it is not ``fresh``, what is here stands, whatever the store has now."""
        self.url, self.folder = url, cache.place(DATASETS, url)
        self._fresh, self._here = fresh, set[str]()
        self._lock = Lock()

    def has(self, path: str) -> bool:
        """Whether there is an object, or a folder of some."""
        return path in self._names or bool(self._below(path))

    def bring_matches(self, path: str) -> None:
        """Bring what a source's path means: files, a folder with all below it, or a pattern.

        Raises:
            InputError: It leads out of the tree, or there is nothing.
        """
        wanted = list[str]()
        for pattern in braces.expanded(inside(path, self.url)):
            if has_magic(pattern) and pattern not in self._names:  # too many are no harm
                wanted += [name for name in self._names if fnmatchcase(name, pattern)]
            else:
                wanted += [pattern, *self._below(pattern)]
        if self._names.keys().isdisjoint(wanted):
            raise InputError(
                "there is no such file or folder in the store",
                where=f"{self.url}/{path}",
                fix="check the address; a path is relative to the manifest",
            )
        for each in self.folder.rglob("*") if self._fresh else ():
            if each.is_file() and each.relative_to(self.folder).as_posix() not in self._names:
                each.unlink()  # gone from the store since it was brought
        self.bring(wanted)

    def bring(self, paths: Iterable[str]) -> None:
        """Bring files by their names; names that the store has not are passed over."""
        wanted = {os.path.normpath(path) for path in paths} - self._here
        if not self._fresh:  # of names that lead elsewhere, the store has none
            wanted = {name for name in wanted if not (self.folder / name).is_file()}
        if not wanted:
            return
        there = {name: self._names[name] for name in sorted(wanted) if name in self._names}
        with self._lock, ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(self._get, there, there.values()):
                pass
        self._here |= wanted

    def prepare(self, path: str, root: str | None = None) -> None:
        """Have what is opened first: the data, and the folder that it names files in.

        Args:
            path: Of a source.
            root: Likewise; files in it are brought when they are opened.

        Raises:
            InputError: One leads out of the tree, or there is no data.
        """
        self.bring_matches(path)
        if root is not None and self.has(inside(root, self.url)):
            (self.folder / root).mkdir(parents=True, exist_ok=True)

    @cached_property
    def _objects(self) -> Objects:
        return Objects(self.url)

    @cached_property
    def _names(self) -> dict[str, Stated]:
        return self._objects.listed(strict=False)

    def _below(self, path: str) -> list[str]:
        start = "" if path in {"", "."} else f"{path.rstrip('/')}/"
        return [name for name in self._names if name.startswith(start)]

    def _get(self, name: str, stated: Stated) -> None:
        path = self.folder / name
        if path.is_file() and path.stat().st_size == stated.size and stated.md5:
            with path.open("rb") as file:
                if file_digest(file, "md5").hexdigest() == stated.md5:
                    return
        self._objects.get(name, path, stated.size)


def split(path: str | Path) -> tuple[str, str] | None:
    """The folder in a store that a dataset's address is in, and its name there.

    Returns:
        None for what is on this machine, or at a URL that is no store's.

    Raises:
        UsageError: It holds what is to be secret, or is no address.
    """
    if not STORES.match(str(path)):
        return None
    url = store_of(str(path)) or ""
    end = re.split(r"[*\[{]", url)[0].rfind("/")
    return url[:end], url[end + 1 :]


def inside(path: str, url: str) -> str:
    """A path of a manifest in a store, which stays in the manifest's folder.

    Raises:
        InputError: It does not.
    """
    plain = os.path.normpath(path)
    if is_url(path) or path.startswith("/") or plain.startswith(".."):
        raise InputError(
            f"a path of a manifest in a store leads out of its folder: {path!r}",
            where=url,
            fix="a path below the manifest",
        )
    return plain
