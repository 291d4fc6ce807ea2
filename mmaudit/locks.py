"""Locks: one command at a time in a folder that it writes, and who that is.

A file in the folder is locked by the system, which lets go of it with the process, however that
ends: what a killed command leaves is nobody's. Where a file system has no locks, what the file says
decides: a process of this machine that is gone holds nothing. It is advisory: other programs are
not kept out. The file goes when the command ends. Commands that only read share a folder with one
another, and with none that writes.
"""

import errno
import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from mmaudit.endings import note
from mmaudit.errors import IncompleteError

LOCK = ".mmaudit.lock"
PATIENCE = 3.0  # seconds that a command of a moment waits for another one
AGAIN = 0.05  # seconds between two looks
READ_ONLY = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
MOST = 4096  # bytes that are read of a file that somebody else may have written

_MINE: ContextVar[frozenset[Path]] = ContextVar("_MINE", default=frozenset())
_OPEN: set[int] = set()  # files that are locked by this process


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who works in a folder.

    Attributes:
        command: What it does, as ``corrupt``.
        host: The machine.
        pid: The process, as a person sees it.
        started: When the process started, in the system's ticks; empty where that is not told.
        since: When it began in the folder, in UTC.
    """

    command: str
    host: str
    pid: int
    started: str
    since: str

    @classmethod
    def myself(cls, command: str) -> Self:
        """This command."""
        return cls(
            command=command,
            host=platform.node(),
            pid=note.command(),
            started=_started(note.command()),
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Whoever wrote a text; None where it is not of this form."""
        try:
            entries = json.loads(text)
            return cls(**{**entries, "pid": int(entries["pid"])})
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    @property
    def is_here(self) -> bool:
        """Whether it is of this machine."""
        return self.host == platform.node()

    @property
    def may_live(self) -> bool:
        """Whether the process may still be there: not, where it was of this machine and is gone."""
        if not self.is_here:
            return True
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass  # another user's
        return _started(self.pid) == self.started  # else the number went to another process

    def __str__(self) -> str:
        return f"mmaudit {self.command}, process {self.pid} on {self.host}, since {self.since}"


@contextmanager
def alone(
    folder: Path, command: str, *, patience: float = 0.0, make: bool = True
) -> Iterator[None]:
    """A time in which no other command of mmaudit writes a folder.

    Within it the same folder may be asked for again. A folder that may not be written is nobody's.

    Args:
        folder: The folder.
        command: What is done, for others that are refused.
        patience: Seconds to wait for another command.
        make: Whether to make the folder; one that is still empty at the end goes again.

    Raises:
        IncompleteError: Another command is at work there.
    """
    place = _place(folder)
    able = place.is_dir() if place.exists() else make  # what is no folder, the command refuses
    if place in _MINE.get() or not able:
        yield
        return
    new = _make(place)
    try:
        file = _take(place / LOCK, command, folder / LOCK, time.monotonic() + patience)
        token = _MINE.set(_MINE.get() | {place})
        try:
            yield
        finally:
            _MINE.reset(token)
            _release(place / LOCK, file)
    finally:
        for one in new:
            if one.is_dir() and not any(one.iterdir()):
                one.rmdir()


@contextmanager
def reading(folder: Path, command: str) -> Iterator[None]:
    """A time in which no command of mmaudit writes a folder, and any may read it.

    Args:
        folder: The folder; one that is not there, or may not be looked into, is nobody's.
        command: What is done, for others that are refused.

    Raises:
        IncompleteError: Another command writes there, and still does after `PATIENCE`.
    """
    place = _place(folder)
    if place in _MINE.get() or not place.is_dir():
        yield
        return
    until = time.monotonic() + PATIENCE
    file = _take(place / LOCK, command, folder / LOCK, until, shared=True)
    try:
        yield
    finally:
        if file is not None and _alone_in(file):
            _release(place / LOCK, file)
        elif file is not None:
            _OPEN.discard(file)
            os.close(file)


def _place(folder: Path) -> Path:
    """Where a folder is, without links.

    Raises:
        OSError: Its links lead back to themselves.
    """
    try:
        os.stat(folder)  # noqa: PTH116  the one that says so in every version of Python
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise
    return folder.resolve()


def _make(folder: Path) -> list[Path]:
    """Make a folder and those above it; what was made, innermost first."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return new


def _take(
    path: Path, command: str, shown: Path, until: float, *, shared: bool = False
) -> int | None:
    """Lock a file, and write into it who holds it; None where nobody may write there."""
    while True:
        file = _opened(path, shared=shared)
        if file is None:
            return None
        if _locked(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if _still_there(file, path):
                _sign(file, command)
                _OPEN.add(file)
                return file
            os.close(file)  # whoever held it took it away meanwhile
            continue
        holder = _holder(file)
        os.close(file)
        if time.monotonic() >= until + (0 if holder is None or holder.may_live else PATIENCE):
            raise _refusal(holder, shown)  # what is gone ends as soon as it can
        time.sleep(AGAIN)


def _opened(path: Path, *, shared: bool) -> int | None:
    """The file of a lock; None where nobody may write it, or there is none that may be read."""
    try:
        return os.open(path, FLAGS, 0o644)
    except OSError as error:
        if not (isinstance(error, PermissionError) or error.errno == errno.EROFS):
            raise
    try:
        return os.open(path, READ_ONLY) if shared else None
    except OSError:
        return None


def _sign(file: int, command: str) -> None:
    """Write who holds a file, where it may be written; of several readers, the last stands."""
    if fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR:
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(asdict(Holder.myself(command))).encode(), 0)


def _locked(file: int, how: int) -> bool:
    """Lock an open file, for oneself or as one of its readers, if nobody stands against it."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks here: what is written decides
        holder = _holder(file)
        return holder is None or not holder.may_live
    return True


def _alone_in(file: int) -> bool:
    """Whether a reader is the last one; where there are no locks, it is taken for that."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return not isinstance(error, BlockingIOError)
    return True


def _holder(file: int) -> Holder | None:
    return Holder.read(os.pread(file, MOST, 0).decode("utf-8", "replace"))


def _still_there(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _release(path: Path, file: int | None) -> None:
    """Take the file away while it is locked, so that nobody gets one that is about to go."""
    if file is not None:
        path.unlink(missing_ok=True)
        _OPEN.discard(file)
        os.close(file)


def _refusal(holder: Holder | None, path: Path) -> IncompleteError:
    fix = "wait until it is done, or end it; then the same command"
    if holder is not None and not holder.is_here:
        fix += f"; if {holder.host} is gone, remove {path}"
    who = "one that does not say which" if holder is None else str(holder)
    return IncompleteError(
        f"another command is at work in this folder: {who}", where=str(path), fix=fix
    )


def _started(pid: int) -> str:
    """When a process started, as Linux tells it; empty elsewhere."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]


def _let_go() -> None:
    """A forked process holds nothing: what it inherits would stay locked without its parent."""
    for file in _OPEN:
        os.close(file)
    _OPEN.clear()


os.register_at_fork(after_in_child=_let_go)
