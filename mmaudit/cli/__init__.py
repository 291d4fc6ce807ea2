"""The command line: read options, call one function, show the result. No domain logic."""

import os
import sys
import traceback

BUG = 70
INTERRUPTED = 130


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
        print("interrupted; the same command with --resume goes on from here", file=sys.stderr)
        return INTERRUPTED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except Exception:  # noqa: BLE001  the one place: a bug must not end with 1
        traceback.print_exc()
        print("this is a bug in mmaudit: please report it with the lines above", file=sys.stderr)
        return BUG
    return 0
