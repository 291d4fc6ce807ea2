"""Crashes: worker processes of a cluster that ended, and whether their units are begun again.

A machine that leaves takes its processes with it, which is nobody's failure. One that stays and
whose process ended had a reason: native code, which is named, or want of memory, which may pass.
"""

import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from mmaudit.endings import native
from mmaudit.engines import _deaths
from mmaudit.engines._remote import RemoteJob
from mmaudit.engines.base import Unit
from mmaudit.errors import IncompleteError
from mmaudit.faults import RESUME
from mmaudit.patience.lines import HUNG
from mmaudit.tables import seal

TRIES = 3  # of a unit whose process ended and whose machine stayed
LEAVING = 6.0  # seconds in which a cluster hears that a machine has left
ALONE = 60.0  # seconds without a machine that can work
EVERY = 5.0  # seconds between two looks at the machines
SHOWN = 10.0  # seconds in which a shared file system shows a file of another machine
FATAL = re.compile(r"Fatal Python error: (.+)")


class Crashes:
    """What is known of the crashes of a job.

    Attributes:
        job: The job.
        machines: Tells the machines that can work, by their ids.
    """

    def __init__(self, job: RemoteJob, machines: Callable[[], Mapping[str, str]]) -> None:
        self.job, self.machines = job, machines
        self._ends: Counter[int] = Counter()
        self._looked = self._worked = time.monotonic()

    def add(self, unit: Unit, error: Exception) -> None:
        """Count a crash, unless its machine has left.

        Raises:
            MMAuditError: The unit's own code ended its process, or it ended too often.
        """
        pointer = self.job.notes / str(unit.index)
        node, _, process = pointer.read_text().partition("/") if pointer.exists() else ("",) * 3
        pointer.unlink(missing_ok=True)
        if node and self._has_left(node):
            return
        notes = self.job.notes / node
        if node and (said := _deaths.last_word(notes, process)) is not None:
            raise said from error
        text = _deaths.words(notes, process) if node else ""
        if FATAL.search(text) or HUNG in text:
            raise _deaths.by_itself(notes, process, _by(text), self.job.folder) from error
        self._ends[unit.index] += 1
        if self._ends[unit.index] >= TRIES:
            raise IncompleteError(
                f"the same unit ended its worker process {TRIES} times, as machines do where "
                "memory runs out, and code that ends its process by itself",
                where=f"samples {unit.start} to {unit.stop - 1}",
                fix=f"fewer workers on machines with more memory, {RESUME}; --engine local "
                "--workers 1 runs it in one process",
            ) from error

    def _has_left(self, node: str) -> bool:
        """Whether a machine has left the cluster, or is about to."""
        end = time.monotonic() + LEAVING
        while node in self.machines():
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def require_machines(self) -> None:
        """Refuse to wait for machines that do not come back.

        Raises:
            IncompleteError: For a while there was none that can work.
        """
        now = time.monotonic()
        if now < self._looked + EVERY:
            return
        self._looked = now
        if self.machines():
            self._worked = now
        elif now > self._worked + ALONE:
            raise IncompleteError(
                f"for {ALONE:g} s no machine of the cluster could work",
                where=str(self.job.folder),
                fix=f"`ray status` shows which are there; start some, {RESUME}",
            )


def require_same(file: Path, digest: str) -> None:
    """Refuse a unit's file that is not here as it was written on another machine.

    Raises:
        IncompleteError: It is not, even after a while.
    """
    end = time.monotonic() + SHOWN
    while not (file.exists() and seal.digest(file) == digest):
        if time.monotonic() > end:
            raise IncompleteError(
                "what a machine of the cluster wrote is not to be seen here",
                where=str(file),
                fix=f"a folder on a file system that all machines share, {RESUME}",
            )
        time.sleep(0.1)


def _by(text: str) -> str:
    """By what a process ended, from the interpreter's lines."""
    match = FATAL.search(text)
    numbers = {signal.strsignal(number): number for number in signal.valid_signals()}
    number = numbers.get(match[1].strip()) if match else None
    return native.by(-number) if number else "by native code"
