"""Leases: one command at a time writes a folder in a store, on whatever machine it runs.

An object says who that is. The store itself decides who of two comes first, and its clock when a
lease has ended that nobody renews: what the clocks of the machines say does not count.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from mmaudit import files
from mmaudit.errors import IncompleteError, MMAuditError
from mmaudit.locks import LOCK, Holder
from mmaudit.parsing.documents import from_json
from mmaudit.stores.objects import Objects

SECONDS = 120.0  # that a lease lasts without a word of its holder
BEAT = 20.0  # seconds between two words
DEPTH = 4  # leases of those who died as they took over one another's


class Lease:
    """The right to write a folder in a store.

    Attributes:
        text: What the object holds; no two leases are the same.
        lost: Whether another command has it.
    """

    def __init__(self, store: Objects, command: str, own: Path) -> None:
        holder = {**asdict(Holder.myself(command)), "key": token_hex(16)}
        self.text, self.lost = json.dumps(holder).encode(), False
        self._store, self._own = store, own
        self._claims: list[str] = []
        self._last = time.monotonic()  # that it was seen to be there
        self._done = threading.Event()
        self._beats = threading.Thread(target=self._renew, daemon=True)

    def take(self) -> None:
        """Take it, or refuse.

        Raises:
            IncompleteError: Another command has it.
        """
        before = self._own.read_bytes() if self._own.exists() else b""
        files.write_bytes(self._own, self.text)
        if not self._taken(LOCK, before):
            self._own.unlink()
            raise refusal(self._store)
        self._beats.start()

    def release(self) -> None:
        """Give it back; one that cannot be given back ends by itself."""
        self._done.set()
        if self._beats.ident is not None:
            self._beats.join()
        with suppress(MMAuditError):
            if self._store.read(LOCK) == self.text:
                self._store.remove(LOCK)
            for name in self._claims:
                self._store.remove(name)
        self._own.unlink(missing_ok=True)

    def check(self) -> None:
        """Refuse to write on where the lease was lost.

        Raises:
            IncompleteError: It was.
        """
        if time.monotonic() - self._last > SECONDS - BEAT:  # the store was out of reach
            self._look()
        if self.lost:
            raise IncompleteError(
                "the lock of this run was lost: this machine or the store was away for too long, "
                "and another command has begun",
                where=self._store.url,
                fix="the same command with --resume, when the other one is done",
            )

    def _taken(self, name: str, mine: bytes) -> bool:
        """Whether an object is this lease's now: new, or in the place of one that has ended.

        Of several who see that one has ended, the store lets one make the object that is called
        after it, and that one goes on.
        """
        if self._store.create(name, self.text):
            self._claims += [name] if name != LOCK else []
            return True
        there = self._store.read(name)
        if there is None or len(name) > len(LOCK) + 9 * DEPTH:
            return False
        if there != mine and not ended(self._store, name):
            return False
        if not self._taken(f"{name}.{sha256(there).hexdigest()[:8]}", mine):
            return False
        if self._store.read(name) != there:
            return False
        self._store.put_bytes(name, self.text)
        return self._store.read(name) == self.text

    def _look(self) -> None:
        """Say that the holder lives, if the lease is still its own."""
        if self._store.read(LOCK) != self.text:
            self.lost = True
            return
        self._store.put_bytes(LOCK, self.text)
        self._last = time.monotonic()

    def _renew(self) -> None:
        """Say so again and again, until the holder is done or the lease is lost."""
        while not (self.lost or self._done.wait(BEAT)):
            with suppress(MMAuditError):  # the way to the store: the next one may come through
                self._look()


def busy(store: Objects, own: Path) -> bool:
    """Whether a command on some machine has the lease of a folder in a store.

    Args:
        store: The folder.
        own: As `held` has it.
    """
    there = store.read(LOCK)
    if there is None or (own.exists() and own.read_bytes() == there):
        return False
    return not ended(store)


def ended(store: Objects, name: str = LOCK) -> bool:
    """Whether nobody has renewed a lease for so long that it has ended, by the store's clock."""
    probe = f"{LOCK}.{token_hex(4)}"
    store.put_bytes(probe, b"what time is it?")
    try:
        now = store.modified(probe)
        return (now - store.modified(name)).total_seconds() > SECONDS
    except FileNotFoundError:
        return True
    finally:
        store.remove(probe)


def refusal(store: Objects) -> IncompleteError:
    """That another command has the lease, and which."""
    there = store.read(LOCK) or b"{}"
    holder = _holder(there)
    who = "one that does not say which" if holder is None else str(holder)
    return IncompleteError(
        f"another command is at work in this run: {who}",
        where=f"{store.url}/{LOCK}",
        fix=f"wait until it is done, or end it; if it is gone, its lock ends {SECONDS:.0f} seconds "
        "after its last word: the same command then",
    )


def _holder(text: bytes) -> Holder | None:
    """Who wrote a lease; None where it is not of this form."""
    try:
        entries = dict(from_json(text))
    except (ValueError, TypeError):
        return None
    entries.pop("key", None)
    return Holder.read(json.dumps(entries))


@contextmanager
def held(store: Objects, command: str, own: Path) -> Iterator[Lease]:
    """A time in which no other command writes a folder in a store.

    Args:
        store: The folder.
        command: What is done, for others that are refused.
        own: A file of this machine that says which lease was taken from here. No other command
            may have it meanwhile: whoever wrote it, and is not there, is gone.

    Raises:
        IncompleteError: Another command is at work there.
    """
    lease = Lease(store, command, own)
    lease.take()
    try:
        yield lease
    finally:
        lease.release()
