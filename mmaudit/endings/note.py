"""Notes: what a process says to the one above it, in memory that both share.

It outlives the process, however that ends: a process that ended without its exit code in the note
was ended by code that is not mmaudit's, or by a library that read what somebody wrote.
"""

import mmap
import os
import re
import struct
import threading
from pathlib import Path
from typing import Self

SAID, CODE, WHOSE, LATE, READS = 0, 1, 2, 4098, 8194  # where each begins
THREADS, EACH = 64, 1024  # that read at a time and are told apart, and bytes of what each reads
END = READS + THREADS * EACH
OF = struct.Struct("<Q")  # the thread that reads
ROOM = EACH - OF.size
CURRENT = re.compile("Current thread 0x([0-9a-f]+)")  # as the interpreter names the one that ended


class Note:
    """The memory: made before there are two processes, or kept in a file.

    Attributes:
        above: The process above: the one that a person sees.
    """

    def __init__(self, memory: mmap.mmap | None = None) -> None:
        self.above = os.getpid()
        self._memory = memory or mmap.mmap(-1, END)
        self._places: dict[int, int] = {}  # where what each thread reads is, in their order

    @classmethod
    def new(cls, path: Path) -> Self:
        """A note in a new file, for a process that does not come from this one.

        Raises:
            OSError: There is no room for it.
        """
        with path.open("w+b") as file:
            file.write(bytes(END))  # all of it: to lack room later would end the process
            file.flush()
            return cls(mmap.mmap(file.fileno(), END))

    @classmethod
    def of(cls, path: Path) -> Self:
        """The note that a process left in a file."""
        memory = mmap.mmap(-1, END)
        memory[:] = path.read_bytes()
        return cls(memory)

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
        return self._text(LATE, READS)

    @late.setter
    def late(self, text: str) -> None:
        self._write(LATE, READS, text)

    def read(self, thread: int, text: str) -> None:
        """Say what a thread reads; empty where it reads nothing."""
        start = self._places.get(thread) or self._place(thread)
        if text:
            self._write(start, start + ROOM, text)
        else:
            self._memory[start] = 0

    def _place(self, thread: int) -> int:
        """Where it is said what a thread reads: one after the other, and from the first again."""
        start = READS + len(self._places) % THREADS * EACH
        self._memory[start : start + OF.size] = OF.pack(thread)
        self._places[thread] = start + OF.size
        return start + OF.size

    def read_at_end(self, lines: str) -> str:
        """What the process read as it ended; empty where other code ended it.

        Where the interpreter does not know the thread that ended it, as one of a library, that is
        what the only thread that read anything read, if no other code was called.

        Args:
            lines: What the interpreter wrote of the end.
        """
        reads = self._reads()
        if match := CURRENT.search(lines):
            return reads.get(int(match[1], 16), "")
        return next(iter(reads.values())) if len(reads) == 1 and not self.whose else ""

    def _reads(self) -> dict[int, str]:
        """What each thread reads that reads something."""
        starts = range(READS, END, EACH)
        threads = {OF.unpack_from(self._memory, s)[0]: s + OF.size for s in starts}
        texts = {thread: self._text(s, s + ROOM) for thread, s in threads.items()}
        return {thread: text for thread, text in texts.items() if text}

    def _text(self, start: int, end: int) -> str:
        return self._memory[start:end].partition(b"\0")[0].decode("utf-8", "ignore")

    def _write(self, start: int, end: int, text: str) -> None:
        content = text.encode("utf-8", "replace")[: end - start - 1] + b"\0"
        self._memory[start : start + len(content)] = content


_NOTES: dict[int, Note] = {}  # by the process that writes it: others that come from it say nothing
_CALLS: list[str] = []  # whose code is called, the last one innermost
_READS: dict[int, str] = {}  # by thread: what it reads


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


class NativeRead:
    """A time in which a library's native code reads what somebody wrote, in this thread.

    Args:
        what: The file, or whose value; empty for what has no name, which changes nothing.
    """

    __slots__ = ("_before", "_what")

    def __init__(self, what: str) -> None:
        self._what, self._before = what, ""

    def __enter__(self) -> None:
        """Begin."""
        if self._what and _NOTES:
            thread = threading.get_ident()
            self._before = _READS.get(thread, "")
            _read(thread, self._what)

    def __exit__(self, *_: object) -> None:
        """Say again what is read around it."""
        if self._what and _NOTES:
            _read(threading.get_ident(), self._before)


def _read(thread: int, what: str) -> None:
    _READS[thread] = what
    if note := _NOTES.get(os.getpid()):
        note.read(thread, what)


def is_watched() -> bool:
    """Whether a process above waits for the end of this one."""
    return os.getpid() in _NOTES


def command() -> int:
    """The process that a person sees of the command that this one works for."""
    note = _NOTES.get(os.getpid())
    return note.above if note else os.getpid()
