"""The command line: read options, call one function, show the result. No domain logic."""

import errno
import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BUG = 70
STOPS = {"SIGINT": "interrupted", "SIGTERM": "asked to end", "SIGHUP": "the terminal is gone"}
GO_ON = "the same command with --resume goes on from here"
MERGE = "merge"  # the command that goes on without being told
NO_PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG}
NO_PLACE |= {errno.ENOTDIR, errno.EISDIR, errno.ELOOP}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.EIO}
NO_ROOM |= {errno.EAGAIN, errno.ENOMEM}  # for another process


def main(*, supervised: bool = False) -> int:
    """Run the command line and return the exit code.

    Python ends with 1 after an uncaught exception. Here 1 means that the answer is no, so a bug
    is caught, shown and given a code of its own; and so is whatever happens while that is shown.

    Args:
        supervised: Whether a command that opens what others wrote works in a process below this
            one. Both return, and are to end with the code.
    """
    code = BUG
    try:
        try:
            code = _run(supervised=supervised)
        except BaseException as error:  # noqa: BLE001  the one place: a bug must not end with 1
            code = _last_words(error)
        try:
            _flush()
        except OSError as error:
            code = _last_words(error)
    finally:
        _forget()
        _tell(code)
    return code


def _run(*, supervised: bool) -> int:
    """Do what the command line asks for."""
    from mmaudit import endings, patience, streams

    endings.guard()
    streams.steady()
    patience.ended_by(_end)
    _check_words(sys.argv[1:])
    with _stoppable(), _crashes_named():
        from mmaudit.cli.app import build

        try:
            build()(obj=supervised)
        except SystemExit as end:  # of typer alone: a command's own is a fault
            return end.code if isinstance(end.code, int) else BUG
        finally:
            patience.watched_by(None)
        return BUG  # typer always ends by itself


@contextmanager
def _crashes_named() -> Iterator[None]:
    """A time in which the interpreter says where it was if native code kills this process."""
    if faulthandler.is_enabled():
        yield
        return
    with suppress(OSError, RuntimeError, ValueError, AttributeError):  # no stream to say it on
        faulthandler.enable()
    try:
        yield
    finally:
        faulthandler.disable()


@contextmanager
def _stoppable() -> Iterator[None]:
    """A time in which the signals that ask for an end are heard, but for those that are ignored.

    After it, where a process above passes them on, they may be late copies of the one that was
    answered: none is heard any more, and whoever insists ends both from above.
    """
    from mmaudit.endings.note import is_watched
    from mmaudit.faults import Stops

    plain = (signal.SIG_DFL, signal.default_int_handler)
    numbers = [getattr(signal, name) for name in STOPS if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) in plain}
    stops = Stops()
    for number in before:
        signal.signal(number, stops)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if is_watched() else handler)


def last_word(stop: KeyboardInterrupt) -> int:
    """Say that the program was stopped and what to do next; the exit code of that."""
    from mmaudit.faults import SIGNALLED

    by = getattr(stop, "signal", signal.SIGINT)
    go_on = GO_ON.replace(" with --resume", "") if sys.argv[1:2] == [MERGE] else GO_ON
    print(f"{STOPS[by.name]}; {go_on}", file=sys.stderr)
    return SIGNALLED + by


def _end(error: Exception) -> None:
    """End this process, since a call in it does not: without what Python does at its end."""
    code = _last_words(error)
    _flush()
    _tell(code)
    os._exit(code)


def _check_words(words: list[str]) -> None:
    """Refuse a name that no manifest, table or page could hold.

    Raises:
        InputError: A word of the command line is not UTF-8.
    """
    from mmaudit.parsing.base import check_name

    fix = "give the file or folder another name, or work inside of the folder"
    for word in words:
        check_name(word, "a name on the command line", fix)


def _flush() -> None:
    from mmaudit.streams import flush, ours

    ours()
    flush()


def _tell(code: int) -> None:
    """Announce the end to the process above, if there is one."""
    from mmaudit.endings.note import tell

    tell(code)


def _forget() -> None:
    from mmaudit.streams import forget

    forget()


def _last_words(error: BaseException) -> int:
    """Say why there is no answer: a refusal, the person, the machine, or else a bug."""
    from mmaudit.errors import IncompleteError, MMAuditError, UsageError
    from mmaudit.faults import out_of_memory

    if isinstance(error, KeyboardInterrupt):
        return last_word(error)
    refusal = error if isinstance(error, MMAuditError) else None
    if isinstance(error, OSError) and error.errno in NO_PLACE | NO_ROOM:
        room = error.errno in NO_ROOM
        kind = IncompleteError if room else UsageError
        fix = "make room, then the same command with --resume" if room else "another path"
        refusal = kind(str(error.strerror), where=str(error.filename or ""), fix=fix)
    if out_of_memory(error):
        what = f"there is not enough memory: {error}".removesuffix(": ")
        refusal = IncompleteError(what, fix="fewer samples a batch, or a machine with more")
    if refusal is None or os.environ.get("MMAUDIT_TRACEBACK"):
        traceback.print_exception(error)
    if refusal is not None:
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    print("this is a bug in mmaudit: please report it with the lines above", file=sys.stderr)
    return BUG
