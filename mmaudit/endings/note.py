"""Notes: what a process says to the one above it, in memory that both share.

It outlives the process, however that ends: a process that ended without its exit code in the note
was ended by code that is not mmaudit's.
"""

import mmap
import os

SAID, CODE, WHOSE, LATE, END = 0, 1, 2, 4098, 8194  # where each begins


class Note:
    """The memory, made before there are two processes.

    Attributes:
        above: The process above: the one that a person sees.
    """

    def __init__(self) -> None:
        self.above = os.getpid()
        self._memory = mmap.mmap(-1, END)

    @property
    def code(self) -> int | None:
        """With what the process below ends; None where it did not say so."""
        return self._memory[CODE] if self._memory[SAID] else None

    @code.setter
    def code(self, code: int) -> None:
        self._memory[CODE] = code
        self._memory[SAID] = 1

    @property
    def whose(self) -> str:
        """Whose code is called; empty where none is."""
        return self._text(WHOSE, LATE)

    @whose.setter
    def whose(self, text: str) -> None:
        self._write(WHOSE, LATE, text)

    @property
    def late(self) -> str:
        """What is to be said of a call that holds Python's lock for too long."""
        return self._text(LATE, END)

    @late.setter
    def late(self, text: str) -> None:
        self._write(LATE, END, text)

    def _text(self, start: int, end: int) -> str:
        return self._memory[start:end].partition(b"\0")[0].decode("utf-8", "ignore")

    def _write(self, start: int, end: int, text: str) -> None:
        room = end - start
        self._memory[start:end] = text.encode("utf-8", "replace")[: room - 1].ljust(room, b"\0")


_NOTES: dict[int, Note] = {}  # by the process that writes it: others that come from it say nothing
_CALLS: list[str] = []  # whose code is called, the last one innermost


def write_to(note: Note) -> None:
    """Say that a process above waits for the end of this one."""
    _NOTES[os.getpid()] = note


def tell(code: int) -> None:
    """Say with what this process ends, since all is said and done."""
    if note := _NOTES.get(os.getpid()):
        note.code = code


def begin(whose: str) -> None:
    """Say that code that is not mmaudit's is called, and whose."""
    _CALLS.append(whose)
    _write()


def end(whose: str) -> None:
    """Say that such a call is over."""
    if whose in _CALLS:
        _CALLS.remove(whose)
        _write()


def called() -> str:
    """Whose code this process calls now; empty where it is mmaudit's."""
    return _CALLS[-1] if _CALLS else ""


def _write() -> None:
    if note := _NOTES.get(os.getpid()):
        note.whose = called()


def command() -> int:
    """The process that a person sees of the command that this one works for."""
    note = _NOTES.get(os.getpid())
    return note.above if note else os.getpid()
