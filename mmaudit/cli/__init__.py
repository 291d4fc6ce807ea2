"""The command line: read options, call one function, show the result. No domain logic."""

import errno
import os
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
    is caught, shown and given a code of its own.
    """
    from mmaudit.cli.app import build
    from mmaudit.errors import MMAuditError

    try:
        build()()
    except MMAuditError as refusal:
        print(refusal, file=sys.stderr)
        if os.environ.get("MMAUDIT_TRACEBACK"):
            traceback.print_exc()
        return refusal.exit_code
    except KeyboardInterrupt:
        print(GO_ON, file=sys.stderr)
        return INTERRUPTED
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # typer ends so, without a word
            print(GO_ON, file=sys.stderr)
        return stop.code if isinstance(stop.code, int) else 0
    except Exception as error:  # noqa: BLE001  the one place: a bug must not end with 1
        return _failed(error)
    return 0


def _failed(error: Exception) -> int:
    """Tell of an error that nobody expected: of the machine where it is one, else a bug."""
    from mmaudit.errors import IncompleteError, UsageError

    if isinstance(error, OSError) and error.errno in NO_PLACE | NO_ROOM:
        room = error.errno in NO_ROOM
        kind = IncompleteError if room else UsageError
        fix = "make room, then the same command with --resume" if room else "another path"
        refusal = kind(str(error.strerror), where=str(error.filename or ""), fix=fix)
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    traceback.print_exception(error)
    print("this is a bug in mmaudit: please report it with the lines above", file=sys.stderr)
    return BUG
