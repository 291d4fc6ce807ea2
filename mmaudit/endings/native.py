"""Native ends: what the C library and the system can be asked, so that no end goes unseen."""

import ctypes
import faulthandler
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import IO, NoReturn

PR_SET_PDEATHSIG = 1  # of Linux
AT_EXIT = "SIGURG"  # nobody's, and harmless where nobody answers it any more
BY_OTHERS = {-signal.SIGKILL, -signal.SIGTERM}  # for want of memory, or by a person


def leave_lines(file: IO[str]) -> None:
    """Have the interpreter write where this process was when native code ends it.

    By a signal it does so itself; at ``exit`` of the C library a signal asks it to, which is
    answered as long as Python has not ended. ``_exit`` leaves no line.
    """
    faulthandler.enable(file)
    with suppress(AttributeError, OSError, RuntimeError):  # no such signal, or no such library
        number = getattr(signal, AT_EXIT)
        faulthandler.register(number, file, all_threads=True)
        library = ctypes.CDLL(None)
        at_exit = getattr(library, "__cxa_atexit")
        at_exit.argtypes = [ctypes.c_void_p] * 3
        at_exit(ctypes.cast(getattr(library, "raise"), ctypes.c_void_p), number, None)


def end_with(parent: int, life: int) -> None:
    """Have this process end with its parent, however that ends.

    Args:
        parent: The process that it came from.
        life: A pipe that ends with the parent, for systems that have no better way.
    """
    if sys.platform == "linux":
        os.close(life)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
    else:
        threading.Thread(target=_follow, args=[life], daemon=True).start()


def _follow(life: int) -> NoReturn:
    os.read(life, 1)
    while True:
        os.kill(os.getpid(), signal.SIGKILL)


def by(code: int) -> str:
    """By what a process ended, from its exit code."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by the signal {signal.Signals(-code).name} of native code"
    except ValueError:
        return f"by the signal {-code} of native code"
