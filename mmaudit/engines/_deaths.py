"""Deaths of worker processes: by what each ended, and in which line of whose code.

A worker notes its beginning in a file of its own; where native code ends it, the interpreter adds
the lines that it was in. One that began and ended by itself ended by the code that it ran, or by
the library that read the file which it says in another.
"""

import json
import os
from collections.abc import Iterable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NoReturn

from mmaudit import patience
from mmaudit.endings import native
from mmaudit.endings.note import Note, called, write_to
from mmaudit.errors import IncompleteError, InputError, MMAuditError
from mmaudit.faults import RESUME, SOMEONES
from mmaudit.parsing import base as parsing
from mmaudit.patience.lines import HUNG, last_line, line

SAID, SHARED = ".said", ".shared"
BELOW_MAIN = "in a script, start below if __name__ == '__main__':"


def note(folder: Path) -> None:
    """Note that the work of this process begins, and let native faults add where they were."""
    write_to(Note.new(folder / f"{os.getpid()}{SHARED}"))
    file = (folder / str(os.getpid())).open("w")
    native.leave_lines(file)
    patience.noted_in(file)


def end(folder: Path, error: MMAuditError) -> NoReturn:
    """End this process, since a call in it does not; the others are to say why."""
    said = {"what": error.what, "where": error.where, "fix": error.fix}
    (folder / f"{os.getpid()}{SAID}").write_text(json.dumps(said))
    os._exit(error.exit_code)


def refusal(processes: Iterable[BaseProcess], notes: Path, folder: Path) -> MMAuditError:
    """Why worker processes ended before their work was done.

    Args:
        processes: All of them.
        notes: The folder of what they noted.
        folder: Where their work goes.
    """
    ended = [p for p in processes if p.exitcode is not None and (notes / str(p.pid)).exists()]
    if not ended:
        return IncompleteError(
            "a worker process ended before its work began",
            where=str(folder),
            fix=f"{BELOW_MAIN}, then the same with --resume",
        )
    for process in ended:
        if (error := last_word(notes, str(process.pid))) is not None:
            return error
    own = next((p for p in ended if p.exitcode not in native.BY_OTHERS), None)
    if own is None:
        return IncompleteError(
            "a worker process was ended before its work was done, as machines do where memory "
            "runs out",
            where=str(folder),
            fix=f"fewer workers, {RESUME}",
        )
    code = own.exitcode or 0
    return by_itself(notes, str(own.pid), native.by(code), folder)


def by_itself(notes: Path, process: str, by: str, folder: Path) -> MMAuditError:
    """Why a worker process ended by what it ran.

    Args:
        notes: The folder of what it noted.
        process: Name of its notes.
        by: By what it ended, as ``with exit code 1``.
        folder: Where its work goes.
    """
    text = words(notes, process)
    file = Note.of(notes / f"{process}{SHARED}").read_at_end(text)
    if HUNG in text:
        return IncompleteError(
            f"{called() or SOMEONES} gave no answer in time and held Python's lock, so that its "
            "worker process was ended",
            where=line(text.partition(HUNG)[2], everywhere=True) or str(folder),
            fix="mend it or give it a longer --timeout; --resume goes on from here",
        )
    if file:
        return parsing.ended(file, by)
    return InputError(
        f"{called() or SOMEONES} ended its worker process {by}",
        where=last_line(text) or str(folder),
        fix=f"mend it, {RESUME}; --workers 1 runs it in this process",
    )


def words(notes: Path, process: str) -> str:
    """What the interpreter wrote of a worker process as it ended; empty where it was not asked."""
    file = notes / process
    return file.read_text("utf-8", "replace") if file.exists() else ""


def last_word(notes: Path, process: str) -> MMAuditError | None:
    """The error that a process ended itself with; None where it did not."""
    file = notes / f"{process}{SAID}"
    return IncompleteError(**json.loads(file.read_text())) if file.exists() else None
