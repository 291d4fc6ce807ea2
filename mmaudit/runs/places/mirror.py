"""Mirror: a working folder of this machine, and the same folder in a store, which is the truth.

What the store has is brought here before the work, and what is new here is put there as it comes,
in the order in which it was written: whoever reads the store sees what a reader of this folder
would have seen.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from mmaudit import files
from mmaudit.engines.base import Engine, Unit, Work
from mmaudit.errors import InputError, MissingError, MMAuditError
from mmaudit.progress import Report
from mmaudit.stores import lease
from mmaudit.stores.lease import Lease
from mmaudit.stores.objects import DamagedObjectError, Objects, Stated
from mmaudit.tables import store
from mmaudit.tables.provenance import AGAIN
from mmaudit.tables.signed import intact, signed

INDEX = ".mmaudit.index"  # digests of what holds none of its own
WHAT = "the index of the run"
TABLE = ".parquet"  # the ending of what is sealed
NOTED = (".json", ".toml", ".html", ".md")  # of what is in the index; a card is for the rest
OWN = ".lease"  # beside a working folder: the lease that was taken from there
TRIES = 3  # to fetch what does not arrive as it was put
AT_ONCE = 8  # objects on their way
State = tuple[int, int, int]  # of a file: its number, bytes, and time in nanoseconds

_OPEN: ContextVar[tuple["Mirror", ...]] = ContextVar("_OPEN", default=())


class Mirror:
    """A folder of this machine that follows one in a store.

    Attributes:
        folder: The folder of this machine.
        lease: The right to write in the store; None where it is only read.
    """

    def __init__(self, objects: Objects, folder: Path, right: Lease | None = None) -> None:
        self.folder, self.lease = folder.resolve(), right
        self._objects = objects
        self._states: dict[str, State] = {}  # of what the store has
        self._digests: dict[str, list[str]] = {}  # of what is not sealed: before, and now

    def pull(self) -> None:
        """Make this folder as the store's is.

        A table that is damaged there is damaged here: whoever reads it refuses it, and who can make
        it again does.

        Raises:
            InputError: What is not sealed is not what was put there.
        """
        there = {name: one for name, one in self._objects.listed().items() if _counts(name)}
        for name, path in self._files():
            if name not in there:
                path.unlink()
        self._digests = self._index()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(lambda name: self._bring(name, there[name]), there):
                pass
        states = {name: _state(path) for name, path in self._files()}
        self._states = {name: state for name, state in states.items() if state}

    def push(self) -> None:
        """Make the store's folder as this one is.

        Raises:
            IncompleteError: Another command writes there now.
        """
        here = dict(self._files())
        states = {name: state for name, path in here.items() if (state := _state(path))}
        gone = sorted(self._states.keys() - states.keys())
        new = [name for name in states if states[name] != self._states.get(name)]
        if not (gone or new):
            return
        if self.lease:
            self.lease.check()
        scaffold = [
            name for name in gone if "/." in f"/{name}"
        ]  # which is of use until all is there
        self._remove(set(gone) - {*scaffold})
        self._note({name: here[name] for name in new if name.endswith(NOTED)})
        media = list[str]()  # which may come in any order, but before the table that is of them
        for name in sorted(new, key=lambda name: (states[name][2], name)):
            media.append(name)
            if name.endswith((TABLE, *NOTED)):
                self._put(media, here, states)
                media.clear()
        self._put(media, here, states)
        self._remove(scaffold)

    def _remove(self, names: Collection[str]) -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(self._objects.remove, names):
                pass
        for name in names:
            del self._states[name]

    def _put(self, names: list[str], here: Mapping[str, Path], states: Mapping[str, State]) -> None:
        """Put files, the last one when all others are there."""
        *others, last = names or [""]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(lambda name: self._objects.put(name, here[name]), others):
                pass
        if last:
            self._objects.put(last, here[last])
        self._states |= {name: states[name] for name in names}

    def _files(self) -> Iterator[tuple[str, Path]]:
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if _counts(name) and path.is_file():
                yield name, path

    def _bring(self, name: str, stated: Stated) -> None:
        """Have an object here as it was put, or as it is where it holds a seal of its own."""
        path = self.folder / name
        if path.is_file() and _same(path, stated) and self._whole(name, path):
            return
        for _ in range(TRIES):
            try:
                self._objects.get(name, path, stated.size)
            except DamagedObjectError:
                files.write_bytes(path, b"")  # which nobody takes for what it was
                break
            if self._whole(name, path):
                return
        if not name.endswith(TABLE):
            path.unlink()
            raise InputError(
                "an object of this run is not what was put there",
                where=f"{self._objects.url}/{name}",
                fix=AGAIN,
            )

    def _whole(self, name: str, path: Path) -> bool:
        """Whether a file is what was put; also where nothing says what that was."""
        if name.endswith(TABLE):
            return store.whole(path)
        return name not in self._digests or files.digest(path) in self._digests[name]

    def _index(self) -> dict[str, list[str]]:
        if self._objects.read(INDEX) is None:
            return {}
        path, fix = self.folder.parent / INDEX, f"remove {self._objects.url}/{INDEX}"
        files.write_bytes(path, self._objects.read(INDEX) or b"")
        content = files.read_json(path, WHAT, fix=fix)
        path.unlink()
        if not intact(content):
            raise InputError(f"{WHAT} is damaged: it was changed", where=str(path), fix=fix)
        return dict(content["files"])

    def _note(self, new: Mapping[str, Path]) -> None:
        """Say in the index what is about to be put; what is there until then counts, too."""
        if not new:
            return
        for name, path in new.items():
            self._digests[name] = [*self._digests.get(name, [])[-1:], files.digest(path)]
        path = self.folder.parent / INDEX
        files.write_json(path, signed({"files": self._digests}))
        self._objects.put(INDEX, path)
        path.unlink()


@contextmanager
def written(url: str, folder: Path, command: str) -> Iterator[None]:
    """A time in which a folder here is like one in a store, which nobody else writes.

    What is finished in it is put there, to its end.

    Args:
        url: The address in the store.
        folder: The working folder, which is nobody else's meanwhile.
        command: What is done, for others that are refused.

    Raises:
        IncompleteError: Another command is at work there.
        MissingError: The store cannot be reached.
    """
    objects = Objects(url)
    with lease.held(objects, command, folder.parent / OWN) as right:
        mirror = Mirror(objects, folder, right)
        mirror.pull()
        token = _OPEN.set((*_OPEN.get(), mirror))
        try:
            yield
        except MissingError:  # it may be the store that is out of reach
            raise
        except BaseException:
            with suppress(MMAuditError):
                mirror.push()
            raise
        finally:
            _OPEN.reset(token)
        mirror.push()


def bring(url: str, folder: Path) -> None:
    """Make a folder here like one in a store, which nobody may be writing.

    Args:
        url: The address in the store.
        folder: The working folder, which is nobody else's meanwhile.

    Raises:
        IncompleteError: A command is at work there.
        MissingError: The store cannot be reached.
    """
    objects = Objects(url)
    if lease.busy(objects, folder.parent / OWN):
        raise lease.refusal(objects)
    Mirror(objects, folder).pull()


@dataclass(frozen=True, slots=True)
class Putting:
    """An engine whose finished units are put where they are wanted.

    Attributes:
        engine: What runs them.
        folder: The folder that they are for.
    """

    engine: Engine
    folder: Path

    def run(
        self, work: Work, units: Sequence[Unit], folder: Path, *, workers: int, report: Report
    ) -> None:
        """As the engine itself."""
        report = putting(self.folder, report)
        self.engine.run(work, units, folder, workers=workers, report=report)


def putting(folder: Path, report: Report) -> Report:
    """Reports of finished units that also put them where the folder is a mirror.

    Args:
        folder: A run directory.
        report: What else is done with them.
    """
    mirror = next((m for m in _OPEN.get() if m.folder == folder.resolve()), None)
    if mirror is None:
        return report

    def put(done: int, total: int) -> None:
        mirror.push()
        report(done, total)

    return put


def _counts(name: str) -> bool:
    """Whether a file is of the run: one that begins with a dot is a lock, or not yet whole."""
    return not name.rpartition("/")[2].startswith(".")


def _state(path: Path) -> State | None:
    """What changes when a file does; None where it has just gone."""
    try:
        stat = os.stat(path)  # noqa: PTH116  thousands of them
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _same(path: Path, stated: Stated) -> bool:
    """Whether a file has the content that the store states, if it does."""
    if path.stat().st_size != stated.size or not stated.md5:
        return False
    with path.open("rb") as file:
        return file_digest(file, "md5").hexdigest() == stated.md5
