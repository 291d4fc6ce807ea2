"""Files: written whole or not at all, hashed, and TOML that is read or refused in one way."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import file_digest
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import IO, Any

from mmaudit.errors import InputError, MMAuditError, UsageError
from mmaudit.locks import LOCK
from mmaudit.parsing.documents import from_json, from_toml
from mmaudit.parsing.limits import TEXT_BYTES

HALF = ".half"  # ending of a file until it is whole
BLOCK = 2**20  # bytes that are read at a time
MODE = 0o644  # of what is written; a temporary file is its owner's alone


@contextmanager
def replacing(
    path: str | Path, *, shared: bool = True, durable: bool = True
) -> Iterator[IO[bytes]]:
    """Open a file that takes its place when it is whole: readers see the old one or the new one.

    The folder is made where there is none. What fails half-way leaves nothing behind.

    Args:
        path: The file.
        shared: Whether others may write this file at the same time. Where nobody does, the file
            has one name until it is whole, so what a killed run left is written over.
        durable: Whether it is on the disk before it takes its place. That takes thirty times as
            long as to write a small file (6.7 ms, measured), so one of thousands of pictures is
            not: after a loss of power their hashes, which `corrupt --verify` compares, tell.
    """
    folder, name = os.path.split(path)
    with _partial(folder or ".", name, shared=shared) as file:
        try:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
            if shared:
                os.fchmod(file.fileno(), MODE)
            os.replace(file.name, path)  # noqa: PTH105  Path takes as long as to write
        except BaseException:
            Path(file.name).unlink()
            raise


def _partial(folder: str, name: str, *, shared: bool) -> AbstractContextManager[IO[bytes]]:
    """The file until it is whole; it stays when it is closed."""
    try:
        return _opened(folder, name, shared=shared)
    except FileNotFoundError:  # the folder is not there, or was not a moment ago
        Path(folder).mkdir(parents=True, exist_ok=True)
        return _opened(folder, name, shared=shared)


def _opened(folder: str, name: str, *, shared: bool) -> AbstractContextManager[IO[bytes]]:
    if shared:
        return NamedTemporaryFile(dir=folder, prefix=f".{name}.", suffix=HALF, delete=False)
    return open(f"{folder}/.{name}", "wb")  # noqa: PTH123


def sweep_up(folder: Path) -> None:
    """Remove what killed commands left half-written in a folder that is nobody else's now."""
    if folder.is_dir():
        for path in folder.glob(f".*{HALF}"):
            path.unlink(missing_ok=True)


def write_bytes(
    path: str | Path, content: bytes, *, shared: bool = True, durable: bool = True
) -> None:
    """Write a file whole or not at all, as `replacing` has it."""
    with replacing(path, shared=shared, durable=durable) as file:
        file.write(content)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file in UTF-8 whole or not at all."""
    write_bytes(path, text.encode())


def write_json(path: str | Path, value: Any, *, ordered: bool = False) -> None:
    """Write JSON whole or not at all.

    Args:
        path: The file.
        value: What it holds; what JSON has no form for becomes its text.
        ordered: Whether keys stay in their order and letters as they are; otherwise keys are
            sorted and letters beyond ASCII escaped.
    """
    text = json.dumps(value, indent=1, sort_keys=not ordered, ensure_ascii=not ordered, default=str)
    write_text(path, f"{text}\n")


def link(source: Path, path: Path) -> None:
    """Give a file a second name, or copy it where it cannot have one, as on another file system.

    Whoever is killed meanwhile leaves the second name with the whole file, or none.
    """
    source = source.resolve()
    if path.exists() and path.samefile(source):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}{HALF}")
    half.unlink(missing_ok=True)
    try:
        half.hardlink_to(source)
    except OSError:  # of many kinds, by file system; a copy says what is really wrong
        with source.open("rb") as whole, replacing(path) as file:
            copyfileobj(whole, file, BLOCK)
        return
    half.replace(path)


def require_empty(folder: Path, *, fix: str) -> None:
    """Refuse a folder that holds something but a lock, or that is a file.

    Raises:
        UsageError: It does.
    """
    if folder.exists() and (not folder.is_dir() or any(p.name != LOCK for p in folder.iterdir())):
        raise UsageError("the folder is not empty", where=str(folder), fix=fix)


def require_ending(path: str | Path) -> None:
    """Refuse a pipe or a device, which may never end or be read but once; others pass.

    Raises:
        InputError: It is one.
    """
    place = Path(path)
    if place.exists() and not (place.is_file() or place.is_dir()):
        raise InputError(
            "a pipe or a device, and neither a file nor a folder",
            where=str(path),
            fix="write what comes from it into a file",
        )


def digest(
    path: str | Path, *, what: str = "file", refusal: type[MMAuditError] = InputError
) -> str:
    """sha256 of a file, in hexadecimal.

    Args:
        path: The file.
        what: What the file is, for the refusal.
        refusal: The error if it cannot be read.

    Raises:
        MMAuditError: It cannot be read; of the class ``refusal``.
        InputError: It is a pipe or a device.
    """
    require_ending(path)
    try:
        with Path(path).open("rb", buffering=0) as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise refusal(
            f"cannot read the {what}: {error.strerror}",
            where=str(path),
            fix="name a file that exists and that you may read",
        ) from error


def read_text(path: str | Path, what: str, *, fix: str = "check the path") -> str:
    """The text of a file in UTF-8, without a byte order mark.

    Args:
        path: The file.
        what: What the file is, for the refusal.
        fix: What to try where there is no such file.

    Raises:
        InputError: There is no such file, or it cannot be read as UTF-8.
    """
    most, data = TEXT_BYTES.most, bytearray()
    try:
        with Path(path).open("rb") as file:
            while len(data) <= most and (part := file.read(BLOCK)):
                data += part
        if len(data) > most:
            raise InputError(
                f"the {what} has more bytes than {TEXT_BYTES}",
                where=str(path),
                fix=f"a file that is no longer; or {TEXT_BYTES.fix}",
            )
        return data.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"there is no such {what}", where=str(path), fix=fix) from error
    except (OSError, ValueError) as error:
        raise _unreadable(error, path, what) from error


def _unreadable(error: OSError | ValueError, path: str | Path, what: str) -> InputError:
    """The refusal of a file that cannot be read as a text."""
    if isinstance(error, UnicodeDecodeError):
        return InputError(
            f"cannot read the {what}: it is not UTF-8", where=str(path), fix="a text file in UTF-8"
        )
    why = error.strerror if isinstance(error, OSError) else error  # a name with a zero byte
    return InputError(f"cannot read the {what}: {why}", where=str(path), fix="pass a file")


def read_json(path: str | Path, what: str, *, fix: str) -> dict[str, Any]:
    """The JSON object in a file that mmaudit wrote.

    Args:
        path: The file.
        what: What the file is, for the refusal.
        fix: What to try where it is damaged.

    Raises:
        InputError: There is no such file, or it holds no JSON object.
    """
    try:
        content = from_json(read_text(path, what))
    except InputError as error:
        if not isinstance(error.__cause__, UnicodeDecodeError):
            raise
        raise InputError(f"{what} is damaged: not UTF-8", where=str(path), fix=fix) from error
    except ValueError as error:
        raise InputError(f"{what} is damaged: not JSON", where=str(path), fix=fix) from error
    if not isinstance(content, dict):
        raise InputError(f"{what} is damaged: not a JSON object", where=str(path), fix=fix)
    return content


def parse_toml(text: str, path: str | Path) -> dict[str, Any]:
    """What a text in TOML says.

    Args:
        text: The text.
        path: The file that it is from, for the refusal.

    Raises:
        UsageError: It is not TOML, with the line; one answer for every file that people write.
    """
    try:
        return from_toml(text)
    except ValueError as error:  # beside its own, that of whole numbers without an end
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise UsageError(f"not TOML: {error}", where=where, fix="correct this line") from error


def read_toml(path: str | Path, what: str, *, fix: str = "check the path") -> dict[str, Any]:
    """What a file in TOML says; `read_text`, then `parse_toml`."""
    return parse_toml(read_text(path, what, fix=fix), path)
