"""Supervisor: the process above the one that opens what somebody wrote, or runs code of others.

Native code ends its process without a word of Python, with any exit code, and no process can say
that of itself. The one above does no work, loads nothing, and waits: an end that was not announced
is the failure of that code, or of the library that read a file. What it hears it passes on, and the
one below ends with it.
"""

import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from mmaudit import endings, patience
from mmaudit.endings import native
from mmaudit.endings.note import Note, write_to
from mmaudit.errors import IncompleteError, InputError, MMAuditError
from mmaudit.faults import RESUME, SAME, SIGNALLED, SOMEONES, StoppedError
from mmaudit.parsing.base import ended
from mmaudit.parsing.documents import from_json
from mmaudit.patience.lines import HUNG, last_line, line

STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
OTHERS = ("SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGTSTP", "SIGCHLD")
QUIET = 0.3  # seconds without a word after which the interpreter has said all
MOST = 2**16  # bytes that are read at a time, and characters that are kept of all


def supervise() -> int | None:
    """Go on in a process below this one, and wait here for its end.

    Where a debugger or a profiler follows this process, or it has other threads, it goes on alone.

    Returns:
        None in the process that goes on; in the one that waited, the exit code.

    Raises:
        MMAuditError: In the one that waited: the other ended without a word.
        StoppedError: Likewise, after it was asked to stop.
    """
    if not hasattr(os, "fork") or _is_followed() or threading.active_count() > 1:
        return None
    note, (life, living), (lines, writing) = Note(), os.pipe(), os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored, no end is heard of
    numbers = _heard()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    below = os.fork()
    if not below:
        os.close(lines)
        os.close(living)
        _go_on(note, life, os.fdopen(writing, "w"))
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return None
    os.close(life)
    os.close(writing)
    try:
        with _hearing(numbers, before) as heard:
            return Wait(below, note, lines, heard).code()
    finally:
        os.close(lines)
        os.close(living)


def _is_followed() -> bool:
    """Whether somebody looks at this process as it goes, who would lose sight of it."""
    if sys.gettrace() or sys.getprofile():
        return True
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


def _heard() -> set[int]:
    """The signals that are passed on, but for those that are ignored."""
    numbers = {getattr(signal, name) for name in (*STOPS, *OTHERS) if hasattr(signal, name)}
    return {number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN}


def _go_on(note: Note, life: int, file: IO[str]) -> None:
    """Be the process that works."""
    native.end_with(note.above, life)
    native.leave_lines(file)
    endings.guard()
    write_to(note)

    def late(error: IncompleteError) -> IO[str]:
        note.late = json.dumps({"what": error.what, "fix": error.fix})
        return file

    patience.watched_by(late)


@contextmanager
def _hearing(numbers: set[int], mask: Iterable[int]) -> Iterator[int]:
    """A time in which signals are numbers that are read from a pipe, and nothing else."""
    heard, hear = os.pipe()
    os.set_blocking(hear, False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in numbers}
    woken = signal.set_wakeup_fd(hear)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    try:
        yield heard
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in handlers.items():
            signal.signal(number, handler or signal.SIG_DFL)
        os.close(heard)
        os.close(hear)


class Wait:
    """The wait for the end of a process.

    Attributes:
        stop: The first signal that asked for the end, and when it came.
        text: What the interpreter wrote of where the process was.
    """

    def __init__(self, process: int, note: Note, lines: int, heard: int) -> None:
        self.process, self.note, self.lines, self.heard = process, note, lines, heard
        self.stop: tuple[int, float] | None = None
        self.passed: set[int] = set()
        self.end: int | None = None
        self.text, self.is_late = "", False

    def code(self) -> int:
        """Wait, and return what the process ended with.

        Raises:
            MMAuditError: It ended without a word.
            StoppedError: Likewise, after it was asked to stop.
        """
        files = {self.lines, self.heard}
        while self.end is None:
            seconds = QUIET if HUNG in self.text and not self.is_late else None
            ready = select.select(files, [], [], seconds)[0]
            if not ready:
                self.is_late = True
                os.kill(self.process, signal.SIGKILL)
            if self.lines in ready and not self._read():
                files.remove(self.lines)
            if self.heard in ready:
                for number in os.read(self.heard, MOST):
                    self._hear(number)
        while select.select([self.lines], [], [], 0)[0] and self._read():
            pass
        return self._answer(self.end)

    def _read(self) -> bool:
        """Read what the interpreter wrote; whether there may be more."""
        more = os.read(self.lines, MOST)
        self.text = (self.text + more.decode("utf-8", "replace"))[-MOST:]
        return bool(more)

    def _hear(self, number: int) -> None:
        """Pass a signal on, if it does not say that the process has ended."""
        if number == signal.SIGCHLD:
            with suppress(ChildProcessError):
                done, status = os.waitpid(self.process, os.WNOHANG)
                self.end = os.waitstatus_to_exitcode(status) if done else None
            return
        self.passed.add(number)
        now = time.monotonic()
        if signal.Signals(number).name in STOPS:
            self.stop = self.stop or (number, now)
            if now > self.stop[1] + SAME:  # it is not waited for any more
                number = signal.SIGKILL
        stops = number == signal.SIGTSTP
        if self.end is None:
            os.kill(self.process, signal.SIGSTOP if stops else number)
        if stops:
            os.kill(os.getpid(), signal.SIGSTOP)

    def _answer(self, end: int) -> int:
        """The exit code, or why there is none."""
        if self.is_late:
            raise self._late()
        if self.note.code is not None:
            return self.note.code
        if self.stop is not None:
            raise StoppedError(self.stop[0])
        if -end in self.passed:
            return SIGNALLED - end
        raise self._refusal(end)

    def _late(self) -> MMAuditError:
        """That a call held Python's lock for too long."""
        where = line(self.text.partition(HUNG)[2], everywhere=True)
        return IncompleteError(**from_json(self.note.late), where=where)

    def _refusal(self, end: int) -> MMAuditError:
        """That code of others or a reader ended the process, or that nobody knows who did."""
        whose, file = self.note.whose, self.note.read_at_end(self.text)
        if end in native.BY_OTHERS:
            error: MMAuditError = IncompleteError(
                "the process that worked was ended before its work was done, as machines do where "
                "memory runs out",
                where=whose and f"in the time of {whose}",
                fix=f"fewer workers, or a machine with more memory, {RESUME}",
            )
        elif file:
            error = ended(file, native.by(end))
        else:
            error = InputError(
                f"{whose or SOMEONES} ended its process {native.by(end)}",
                where=last_line(self.text) or "native code, which left no line of Python",
                fix=f"mend it, {RESUME}; with MMAUDIT_TRACEBACK=1 all lines of Python are shown",
            )
        if self.text:
            error.add_note(self.text)
        return error
