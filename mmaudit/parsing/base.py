"""Parsing: whatever a library raises over a file is said of the file, and is no bug of mmaudit."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from mmaudit.endings.note import NativeRead
from mmaudit.errors import InputError

LONGEST = 200  # characters of what a library says
STOPS = (KeyboardInterrupt, SystemExit, GeneratorExit)
BARE = (LookupError, AttributeError, TypeError, AssertionError, ArithmeticError, NameError)


class Parsing(AbstractContextManager["Parsing"]):
    """A time in which a library reads what somebody wrote: an error in it is a refusal.

    Nothing but calls of the library belongs into it: an error of our own code would be hidden.
    Our own refusals pass. What native libraries raise beside Python's own errors is caught too.
    One that ends the process leaves the name of the file to the process above (`NativeRead`).
    """

    def __init__(self, refuse: Callable[[str], Exception], file: str = "") -> None:
        """Begin; ``refuse`` makes the refusal from the reason, and the file is what is read."""
        self._refuse, self._reading = refuse, NativeRead(file)

    def __enter__(self) -> Self:
        self._reading.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reading.__exit__()
        if error is None or kind is None or isinstance(error, STOPS):
            return
        if kind.__module__.partition(".")[0] == "mmaudit":
            return
        raise self._refuse(reason(error)) from error


def refusing(what: str, where: str | Path, fix: str) -> Parsing:
    """A time in which an error becomes an `InputError` that says what, where and the reason.

    Args:
        what: What the file is not.
        where: The file that is read.
        fix: What to try.
    """
    file = str(where)
    return Parsing(lambda why: InputError(f"{what}: {why}", where=file, fix=fix), file)


def ended(file: str, by: str) -> InputError:
    """That the library which read a file ended its process.

    Args:
        file: What was read.
        by: By what the process ended, as ``with exit code 1``.
    """
    return InputError(
        f"a file could not be read: its reader ended the process {by}",
        where=file,
        fix="write it again or leave it out; MMAUDIT_TRACEBACK=1 shows all lines of Python",
    )


def check_name(name: str, what: str, fix: str) -> None:
    """Refuse a name of a file that is not UTF-8.

    Args:
        name: The name, as Python has it: half letters stand for bytes that are no UTF-8.
        what: What it is the name of.
        fix: What to try.

    Raises:
        InputError: It is not.
    """
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{what} is not UTF-8", where=ascii(name), fix=fix) from error


def reason(error: BaseException) -> str:
    """What an error says, in one line that is not too long."""
    text = getattr(error, "strerror", None) or str(error)
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    said = lines[0][:LONGEST] if lines else ""
    name = type(error).__name__
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return f"it asks for more memory than there is{f': {said}' if said else ''}"
    return f"{name}: {said}" if said and isinstance(error, BARE) else said or name
