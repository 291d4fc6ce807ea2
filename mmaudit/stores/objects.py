"""Objects: a folder in an object store, listed, read, and written object by object, each whole.

What fails on the way is tried again, beside what the library of the store does itself; how long
that may take has an end.
"""

import base64
import errno
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from mmaudit import files
from mmaudit.errors import InputError
from mmaudit.stores import systems
from mmaudit.stores.reaching import is_of_the_network, lacks_credentials, refusal

PAUSES = (1.0, 4.0)  # seconds before it is tried again
WHAT, FIX = "the store cannot be reached", "check the address and the network, then the same again"
ANSWERS = (FileNotFoundError, FileExistsError)  # and no failures
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}  # what S3 says of an object there
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a store says of an object.

    Attributes:
        size: Its bytes.
        md5: Of its content, in hexadecimal; empty, or that of something else, where the store
            holds it in pieces or under a key of its own.
    """

    size: int
    md5: str


class DamagedObjectError(InputError):
    """An object is not what was put, as the store's own library says, however often it is read."""


class Objects:
    """The objects below an address.

    Attributes:
        url: The address.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._system, root = systems.opened(url)
        self._root = root.rstrip("/")

    def listed(self, *, strict: bool = True) -> dict[str, Stated]:
        """All objects, by their names below the address.

        Args:
            strict: Whether a name that no folder can hold is refused; else it is passed over.

        Raises:
            InputError: There is no such bucket, or a name leads elsewhere.
        """
        try:
            entries = self._patiently(partial(self._fresh("find"), self._root, detail=True))
        except FileNotFoundError as error:
            raise self._no_bucket() from error
        inside = {
            path.removeprefix(f"{self._root}/"): info
            for path, info in entries.items()
            if path.startswith(f"{self._root}/") and info.get("type") == "file"
        }
        strange = [n for n in inside if {"", ".", ".."} & set(n.split("/")) or "\0" in n]
        if strange and strict:
            raise InputError(
                f"the store has an object that no folder can hold: {strange[0]!r}",
                where=self.url,
                fix="another address, or remove it",
            )
        for name in strange:
            del inside[name]
        return {name: Stated(int(info["size"]), _md5(info)) for name, info in inside.items()}

    def stated(self, name: str) -> Stated:
        """What the store says of an object.

        Raises:
            FileNotFoundError: There is none.
        """
        info = self._patiently(partial(self._fresh("info"), self._at(name)), name)
        if info.get("type") != "file":
            raise FileNotFoundError(name)
        return Stated(int(info["size"]), _md5(info))

    def read(self, name: str) -> bytes | None:
        """The content of a small object; None where there is none."""
        try:
            content: bytes = self._patiently(partial(self._fresh("cat_file"), self._at(name)), name)
        except FileNotFoundError:
            return None
        return content

    def get(self, name: str, path: Path, size: int) -> None:
        """Bring an object into a file, whole.

        Raises:
            FileNotFoundError: There is none.
        """

        def bring() -> None:
            with files.replacing(path, durable=False) as file:
                self._system.get_file(self._at(name), file.name)
                count = Path(file.name).stat().st_size
                if count != size:
                    raise OSError(errno.EIO, f"cut off after {count} of {size} bytes")

        self._patiently(bring, name)

    def put(self, name: str, path: Path) -> None:
        """Put a file, whole.

        Raises:
            InputError: There is no such bucket.
        """
        self._write(partial(self._system.put_file, str(path), self._at(name)), name)

    def put_bytes(self, name: str, content: bytes) -> None:
        """Put an object that is not in a file, whole.

        Raises:
            InputError: There is no such bucket.
        """
        self._write(partial(self._system.pipe_file, self._at(name), content), name)

    def create(self, name: str, content: bytes) -> bool:
        """Put an object where there is none; whether it is there now as it was put.

        The store decides between two who try. One that cannot is looked at before and after.
        """
        with suppress(FileExistsError):  # also of an earlier try of this one, whose answer was lost
            self._write(partial(self._created, self._at(name), content), name)
        return self.read(name) == content

    def remove(self, name: str) -> None:
        """Take an object away, if it is there."""
        try:
            self._patiently(partial(self._system.rm_file, self._at(name)), name)
        except FileNotFoundError:
            return

    def modified(self, name: str) -> datetime:
        """When an object was put, by the store's clock.

        Raises:
            FileNotFoundError: There is none.
        """
        when: datetime = self._patiently(partial(self._fresh("modified"), self._at(name)), name)
        return when

    def _created(self, path: str, content: bytes) -> None:
        try:
            self._system.pipe_file(path, content, mode="create")
        except OSError as error:
            answer = getattr(error.__cause__, "response", None) or {}
            if answer.get("Error", {}).get("Code") in TAKEN:
                raise FileExistsError(path) from error
            if error.errno != errno.ENOSYS:
                raise
            if not self._system.exists(path):
                self._system.pipe_file(path, content)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _fresh(self, method: str) -> Callable[..., Any]:
        """A method that asks the store, and not what was listed before."""
        self._system.invalidate_cache()
        ask: Callable[..., Any] = getattr(self._system, method)
        return ask

    def _write(self, action: Callable[[], Any], name: str) -> None:
        try:
            self._patiently(action, name)
        except FileNotFoundError as error:
            raise self._no_bucket() from error

    def _patiently(
        self, action: Callable[[], T], name: str = "", pauses: Sequence[float] = PAUSES
    ) -> T:
        with _Try(f"{self.url}/{name}".rstrip("/"), last=not pauses):
            return action()
        time.sleep(pauses[0])
        return self._patiently(action, name, pauses[1:])

    def _no_bucket(self) -> InputError:
        bucket = self.url.partition("://")[2].partition("/")[0]
        return InputError(
            f"there is no bucket {bucket!r}",
            where=self.url,
            fix="check the address, or make the bucket",
        )


class _Try:
    """One of several tries: what may pass is passed over, and answers are left as they are."""

    def __init__(self, shown: str, *, last: bool) -> None:
        self._shown, self._last = shown, last

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, ANSWERS):
            return False
        if not is_of_the_network(error):
            return False
        if self._last and "Checksum" in type(error).__name__:
            raise DamagedObjectError(
                "an object in the store is damaged: it is not what was put there",
                where=self._shown,
                fix="put it again, or remove it and run the command that made it again",
            ) from error
        if self._last or isinstance(error, PermissionError) or lacks_credentials(error):
            raise refusal(error, self._shown, WHAT, FIX) from error
        return True


def _md5(info: Mapping[str, Any]) -> str:
    """The digest that a store states, as each calls it."""
    tag = str(info.get("ETag", "")).strip('"').lower()
    if re.fullmatch("[0-9a-f]{32}", tag):
        return tag
    settings = info.get("content_settings") or {}
    stated = info.get("md5Hash") or settings.get("content_md5")
    if isinstance(stated, str):
        return base64.b64decode(stated).hex()
    return bytes(stated).hex() if stated else ""
