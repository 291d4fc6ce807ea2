"""Vigil: a process beside this one that ends it where a call holds Python's lock for too long.

Then no thread of Python can run. The interpreter's own thread writes where the call is, into a
pipe; the process at its other end says so, and ends this one by a signal that the C library answers
with ``_exit``. The exit code is then the signal's number: 5 of SIGTRAP, as of all that is not
complete.
"""

import ctypes
import json
import os
import re
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from mmaudit.errors import IncompleteError
from mmaudit.faults import SOMEONES, Faults
from mmaudit.parsing.documents import from_json

HUNG = "Timeout ("  # as the interpreter begins the lines of a call that took too long
LINE = re.compile(r'^ *File "(?P<file>.+)", line (?P<number>\d+) in ', re.MULTILINE)
QUIET = 0.3  # seconds without a word after which the interpreter has said all
MERCY = 3.0  # seconds in which a process ends that is asked to
ROOT = Path(__file__).parent.parent.parent
CAN = hasattr(signal, "SIGTRAP")


class Vigil:
    """What `mmaudit.patience.watched_by` takes: begins with the first call that may take so long.

    Attributes:
        process: The process that watches; None before the first call.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self._said = ""

    def __call__(self, error: IncompleteError) -> IO[str]:
        """Where the interpreter is to write the lines of a call that is to end by an error."""
        if self.process is None:
            code = f"import sys; sys.path.append({str(ROOT)!r}); from {__name__} import keep"
            words = [sys.executable, "-I", "-c", f"{code}; keep({os.getpid()})"]
            pipe, null = subprocess.PIPE, subprocess.DEVNULL
            self.process = subprocess.Popen(words, stdin=pipe, stdout=null, text=True)  # noqa: S603  ours
            _answer()
        file = self.process.stdin
        if file is None:
            raise TypeError("a process without the pipe that it was given")
        said = json.dumps({"what": error.what, "fix": error.fix})
        if said != self._said:
            self._said = said
            with suppress(OSError):  # nobody watches any more
                file.write(f"{said}\n")
                file.flush()
        return file

    def end(self) -> None:
        """Let the process go, which ends as soon as its pipe is closed."""
        if self.process is not None:
            self.process.communicate()
            self.process = None


def _answer() -> None:
    """Have the C library end this process at once where it is asked by the signal."""
    library = ctypes.CDLL(None)
    library.signal.argtypes, library.signal.restype = (
        (ctypes.c_int, ctypes.c_void_p),
        ctypes.c_void_p,
    )
    library.signal(signal.SIGTRAP, ctypes.cast(library._exit, ctypes.c_void_p))  # noqa: SLF001


def keep(watched: int) -> None:
    """Wait in a process of its own for the lines of a call, say them, and end the process.

    Args:
        watched: The process, whose pipe is the standard input here.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # it ends with the process, and not before
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    text = ""
    while HUNG not in text or select.select([0], [], [], QUIET)[0]:
        more = os.read(0, 2**16)
        if not more:
            return
        text += more.decode("utf-8", "replace")
    said, _, lines = text.partition(HUNG)
    error = IncompleteError(**from_json(said.splitlines()[-1]), where=line(lines, everywhere=True))
    with suppress(OSError):
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
    for number, seconds in ((signal.SIGTRAP, MERCY), (signal.SIGKILL, 0)):
        if os.getppid() == watched:
            os.kill(watched, number)
            select.select([0], [], [], seconds)  # its end closes the pipe


def line(text: str, *, everywhere: bool = False) -> str:
    """The innermost line that is no library's, of what the interpreter wrote.

    Args:
        text: The lines of one thread after the other.
        everywhere: Whether any thread will do; else the first.
    """
    faults = Faults(SOMEONES)
    for match in LINE.finditer(text if everywhere else text.partition("\n\n")[0]):
        if faults.owns(match["file"]):
            return f"{match['file']}:{match['number']}"
    return ""
