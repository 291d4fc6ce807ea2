"""The command line: read options, call one function, show the result. No domain logic."""

import errno
import os
import signal
import sys
import traceback

BUG = 70
INTERRUPTED = 130
GO_ON = "interrupted; the same command with --resume goes on from here"
NO_PLACE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.EIO}


def main() -> int:
    """Run the command line and return the exit code.

    Python ends with 1 after an uncaught exception. Here 1 means that the answer is no, so a bug
    is caught, shown and given a code of its own; and so is whatever happens while that is shown.
    """
    try:
        code = _run()
    except BaseException as error:  # noqa: BLE001  the one place: a bug must not end with 1
        code = _last_words(error)
    try:
        _flush()
    except OSError as error:
        return _last_words(error)
    return code


def _run() -> int:
    """Do what the command line asks for."""
    from mmaudit import endings, faults, streams

    endings.guard()
    streams.steady()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, faults.interrupted)
    _check_words(sys.argv[1:])
    from mmaudit.cli.app import build

    try:
        build()()
    except SystemExit as end:  # of typer alone: a command's own is a fault
        if end.code == INTERRUPTED:  # typer ends so, without a word
            print(GO_ON, file=sys.stderr)
        return end.code if isinstance(end.code, int) else BUG
    return BUG  # typer always ends by itself


def _check_words(words: list[str]) -> None:
    """Refuse a name that no manifest, table or page could hold.

    Raises:
        InputError: A word of the command line is not UTF-8.
    """
    from mmaudit.errors import InputError

    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                "a name on the command line is not UTF-8",
                where=ascii(word),
                fix="give the file or folder another name, or work inside of the folder",
            ) from error


def _flush() -> None:
    from mmaudit.streams import flush

    flush()


def _last_words(error: BaseException) -> int:
    """Say why there is no answer: a refusal, the person, the machine, or else a bug."""
    from mmaudit.errors import IncompleteError, MMAuditError, UsageError

    if isinstance(error, KeyboardInterrupt):
        print(GO_ON, file=sys.stderr)
        return INTERRUPTED
    refusal = error if isinstance(error, MMAuditError) else None
    if isinstance(error, OSError) and error.errno in NO_PLACE | NO_ROOM:
        room = error.errno in NO_ROOM
        kind = IncompleteError if room else UsageError
        fix = "make room, then the same command with --resume" if room else "another path"
        refusal = kind(str(error.strerror), where=str(error.filename or ""), fix=fix)
    if isinstance(error, MemoryError):
        what = f"there is not enough memory: {error}".removesuffix(": ")
        refusal = IncompleteError(what, fix="fewer samples a batch, or a machine with more")
    if refusal is None or os.environ.get("MMAUDIT_TRACEBACK"):
        traceback.print_exception(error)
    if refusal is not None:
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    print("this is a bug in mmaudit: please report it with the lines above", file=sys.stderr)
    return BUG
