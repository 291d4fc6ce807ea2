"""Patience: a call of code that mmaudit was given may take so long, and no longer.

In the main thread an alarm ends it by an error, as often as it is caught. In another thread, and
where the call listens to no signal, only its process can be ended: that is what `ended_by` is for;
where it holds Python's lock besides, by what `noted_in` or `watched_by` begins.
"""

import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from traceback import walk_stack
from types import FrameType
from typing import IO, NamedTuple, NoReturn

from mmaudit.errors import IncompleteError, UsageError
from mmaudit.faults import Faults

GRACE = 5.0  # seconds after the alarm in which a call may still end by it
AGAIN = 1.0  # seconds until the alarm is heard again
LONGEST = 1e6  # seconds that an alarm can wait
LOOKED = 0.2  # seconds between two looks at the other threads


class Call(NamedTuple):
    """A call that has not ended."""

    begun: float
    seconds: float
    grace: float  # after them
    faults: Faults  # of whose code


Note = Callable[[IncompleteError], IO[str]]
_CALLS: dict[int, Call] = {}  # by thread
_ENDS: list[Callable[[IncompleteError], object]] = []
_NOTES: list[tuple[Note, bool]] = []  # where it is written, and whether the process ends then


def ended_by(end: Callable[[IncompleteError], object]) -> None:
    """Say how this process ends where a call cannot be ended alone; it may never return.

    Without it, as in a program of someone else's, such a call is waited for.
    """
    _ENDS[:] = [end]


def noted_in(file: IO[str]) -> None:
    """Say where this process writes the lines of a call that holds Python's lock, and then ends.

    No thread of Python can end such a call, or say where it is: the interpreter's own does, after
    `GRACE` and a second more, and the process ends with 1.
    """
    _NOTES[:] = [(lambda _: file, True)]


def watched_by(note: Note | None) -> None:
    """Say who is told of a call that holds Python's lock, and then ends this process.

    Args:
        note: Gives, at the beginning of a call, the file for the interpreter's lines of it; it is
            asked with the error that the call would end by. None for nobody.
    """
    _NOTES[:] = [] if note is None else [(note, False)]


def require(seconds: float | None) -> None:
    """Refuse a time in which nothing can be done.

    Raises:
        UsageError: It is 0 or less, or no number.
    """
    if seconds is not None and not 0 < seconds < LONGEST:
        raise UsageError(f"--timeout {seconds:g} is no time", fix="--timeout 60, in seconds")


class Patience:
    """A call that may take so long, as a context.

    An alarm that comes while it begins or ends, or while another is answered, is not heard: an
    error would leave the next alarms to code that has no part in the call, or name no line.

    Args:
        seconds: How long, above 0.
        faults: Whose code is called.
        again: Seconds from alarm to alarm, for code that catches the first.

    Raises:
        IncompleteError: It took longer; the line that it was in is named.
    """

    def __init__(self, seconds: float, faults: Faults, *, again: float = AGAIN) -> None:
        self.seconds, self.faults, self.again = seconds, faults, again
        self.thread = threading.get_ident()

    def __enter__(self) -> None:
        """Begin."""
        self.alarmed = self.thread == threading.main_thread().ident and _alarmed()
        grace = GRACE if self.alarmed else 0
        _CALLS[self.thread] = Call(time.monotonic(), self.seconds, grace, self.faults)
        _watched()
        _note_first()
        if self.alarmed:
            signal.setitimer(signal.ITIMER_REAL, self.seconds, self.again)

    def __exit__(self, *_: object) -> None:
        """End."""
        if self.alarmed:
            signal.setitimer(signal.ITIMER_REAL, 0)
        _CALLS.pop(self.thread, None)
        _note_first()


def _note_first() -> None:
    """Have the interpreter's own thread wait for the end of the call that should end first."""
    if not _NOTES:
        return
    call = min(_CALLS.copy().values(), key=lambda call: call.begun + call.seconds, default=None)
    if call is None:
        faulthandler.cancel_dump_traceback_later()
        return
    note, exits = _NOTES[0]
    wait = call.begun + call.seconds + GRACE + AGAIN - time.monotonic()
    file = note(_refusal(call.seconds, call.faults, None))
    faulthandler.dump_traceback_later(max(wait, AGAIN), exit=exits, file=file)


def _alarmed() -> bool:
    """Whether the alarm is mmaudit's, or nobody's and taken now."""
    now = signal.getsignal(signal.SIGALRM) if hasattr(signal, "setitimer") else None
    if now is signal.SIG_DFL:
        signal.signal(signal.SIGALRM, _alarm)
    return now in {signal.SIG_DFL, _alarm}


def _alarm(_signal: int, frame: FrameType | None) -> None:
    call = _CALLS.get(threading.get_ident())
    # while a call begins or ends, and while an alarm is answered, this file is on the stack
    own = any(f.f_code.co_filename == __file__ for f, _ in walk_stack(frame)) if frame else False
    if call is not None and not own:
        raise _refusal(call.seconds, call.faults, frame)


def _watched() -> None:
    """Have a thread look at the calls of this process; one for all."""
    names = {thread.name for thread in threading.enumerate()}
    if __name__ not in names:
        with suppress(RuntimeError):  # at the end of the program there are no more threads
            threading.Thread(target=_watch, name=__name__, daemon=True).start()


def _watch() -> NoReturn:
    while True:
        time.sleep(LOOKED)
        for thread, call in _CALLS.copy().items():
            if _ENDS and time.monotonic() > call.begun + call.seconds + call.grace:
                frame = sys._current_frames().get(thread)  # noqa: SLF001
                _ENDS[0](_refusal(call.seconds, call.faults, frame))


def _refusal(seconds: float, faults: Faults, frame: FrameType | None) -> IncompleteError:
    """The error that says whose call it was, and the line that it is in."""
    return IncompleteError(
        f"{faults.whose} gave no answer within {seconds:g} s",
        where=faults.place(walk_stack(frame)) if frame else "",
        fix="mend it or give it a longer --timeout; --resume goes on from here",
    )
