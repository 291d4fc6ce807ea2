"""Faults: what code that is not mmaudit's raises is its own failure, never a bug here.

It names the line, and it never decides the exit code: ``sys.exit(0)`` in a model is no yes.
"""

import math
import os
import signal
import sysconfig
import time
from collections.abc import Iterable
from inspect import CO_GENERATOR
from pathlib import Path
from traceback import walk_tb
from types import FrameType, TracebackType
from typing import Self

from mmaudit import endings, extras, streams
from mmaudit.endings import note
from mmaudit.errors import IncompleteError, InputError, MissingError, MMAuditError

HERE = Path(__file__).parent
LIBRARIES = tuple({Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")})
NO_FILES = ("<frozen ", "<string>")  # how names of files begin that are nobody's
SOMEONES = "code that mmaudit was given"  # where nothing more is known of it
SIGNALLED = 128  # plus the number of a signal is the exit code, as shells have it
SAME = 1.0  # seconds in which two signals are one
RESUME = "and --resume goes on from here"
SHOWN = "with MMAUDIT_TRACEBACK=1 the whole way to it is shown"


class Faults:
    """A time in which the user's own code is called; as a context it lets other errors through.

    Attributes:
        whose: What is called, as ``the model python:model.py:factory``.
        module: The module that it was named by: a library like any other where it is installed.
    """

    def __init__(self, whose: str, module: str = "") -> None:
        self.whose, self.module = whose, module

    @classmethod
    def of(cls, spec: str) -> Self:
        """A time in which a model is loaded or called, by its spec."""
        adapter, _, place = spec.partition(":")
        module = place.partition(":")[0] if adapter == "python" else ""
        return cls(f"the model {spec}", "" if module.endswith(".py") else module.partition(".")[0])

    def __enter__(self) -> Self:
        """Begin."""
        note.begin(self.whose)
        return self

    def __exit__(
        self, _kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Refuse user's code that failed.

        Raises:
            MissingError: It needs a module or a file that is not here.
            IncompleteError: It needs more memory than there is.
            InputError: The error comes from code that is neither mmaudit's nor, but for calls of
                the user's code, a library's; be it one that would end the program.
        """
        note.end(self.whose)
        streams.ours()
        if error is None or isinstance(error, MMAuditError) or _interrupted(error):
            return
        if isinstance(error, GeneratorExit) and _closed(trace):
            return
        line = self.line(error, trace)
        if line:
            raise self._refusal(error, line) from error

    def line(self, error: BaseException, trace: TracebackType | None) -> str:
        """``file:line`` of the user's code that an error comes from; empty where it is not its.

        That is the innermost line which is no library's, where it is not one of mmaudit.
        """
        if isinstance(error, SyntaxError) and error.filename and self.owns(error.filename):
            return f"{error.filename}:{error.lineno}"
        return self.place(reversed(list(walk_tb(trace))))

    def place(self, frames: Iterable[tuple[FrameType, int]]) -> str:
        """``file:line`` of the user's code among frames and their lines, the innermost first."""
        for frame, number in frames:
            file = frame.f_code.co_filename
            if file == endings.__file__:  # it stands where the call was
                continue
            if Path(file).is_relative_to(HERE):
                return ""
            if self.owns(file) or self._of_module(frame):
                return f"{file}:{number}"
        return ""

    @staticmethod
    def owns(file: str) -> bool:
        """Whether a file is neither mmaudit's nor a library's."""
        others = (HERE, *LIBRARIES)
        return not file.startswith(NO_FILES) and not any(
            Path(file).is_relative_to(folder) for folder in others
        )

    def _of_module(self, frame: FrameType) -> bool:
        name = str(frame.f_globals.get("__name__", ""))
        return bool(self.module) and name.partition(".")[0] == self.module

    def _refusal(self, error: BaseException, line: str) -> MMAuditError:
        """The error that says whose failure it is, and what to do about it."""
        if isinstance(error, ModuleNotFoundError) and error.name:
            return MissingError(
                f"{self.whose} needs the module {error.name!r}",
                where=line,
                fix=extras.line(error.name),
            )
        if isinstance(error, FileNotFoundError):
            return MissingError(
                f"{self.whose} needs a file that is not there: {error.filename or error}",
                where=line,
                fix="put it there, or name where it is",
            )
        if out_of_memory(error):
            return IncompleteError(
                f"{self.whose} ran out of memory: {error}".removesuffix(": "),
                where=line,
                fix="fewer workers and --resume, or a smaller --batch-size in another folder",
            )
        what = f"{type(error).__name__}: {error}"
        if isinstance(error, SystemExit):
            call = error if isinstance(error, endings.EndedError) else f"sys.exit({error.code!r})"
            what = f"it ends the program, with {call}"
        elif isinstance(error, SyntaxError):
            what = f"{type(error).__name__}: {error.msg}"
        what = " ".join([what, *getattr(error, "__notes__", ())])
        return InputError(f"{self.whose} failed: {what}", where=line, fix=f"mend it there; {SHOWN}")


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there is no more memory, be it a device's."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


class StoppedError(KeyboardInterrupt):
    """The program was asked to stop; by its class it is told from what a user's code raises.

    Attributes:
        signal: By which signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = signal.Signals(number)


class Stops:
    """Answers the signals that ask this process to stop; the second one is not to be waited for.

    One that follows at once is the same. Where a process above passes signals on, they may come
    late, and it alone tells the first from the second: it ends this one.

    Attributes:
        first: When the first came.
        number: The last.
    """

    def __init__(self) -> None:
        self.first = math.inf
        self.number: int = signal.SIGINT

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """End by an error, and if that is too slow, at once.

        Raises:
            StoppedError: The program is to stop.
        """
        now, self.number = time.monotonic(), number
        if now > self.first + SAME and not note.is_watched():
            os._exit(SIGNALLED + number)
        if self.first > now:
            self.first = now
            raise StoppedError(number)


def stopped() -> StoppedError:
    """That the program was asked to stop, where a library's own error says so and not by what."""
    stops = signal.getsignal(signal.SIGINT)
    return StoppedError(stops.number if isinstance(stops, Stops) else signal.SIGINT)


def _closed(trace: TracebackType | None) -> bool:
    """Whether a generator that waited was closed: the error stands where it waited."""
    *_, (frame, _) = walk_tb(trace)
    return bool(frame.f_code.co_flags & CO_GENERATOR)


def _interrupted(error: BaseException) -> bool:
    """Whether a person stopped the program; where that cannot be told, a person did."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    plain = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return plain or isinstance(error, StoppedError)
