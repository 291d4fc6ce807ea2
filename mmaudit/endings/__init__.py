"""Endings: code that mmaudit was given cannot end the program by itself.

``sys.exit`` is an error that is caught. ``os._exit`` and ``os.execv`` end a process at once, with
whatever code they are given, and 0 would be an answer. In the process of the command line they are
an error like ``sys.exit`` where neither Python's own library nor mmaudit calls them; processes that
come from this one end as they like. Native code that ends the process itself is heard of by the
process above it (`mmaudit.endings.note`), with the lines that `mmaudit.endings.native` leaves.
"""

import os
import sys
import sysconfig
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path(__file__).parent.parent
STDLIB = Path(sysconfig.get_path("stdlib"))
OTHERS = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))  # below it
CALLS = ("_exit", "execv", "execve")  # of os: all others end in these


class EndedError(SystemExit):
    """Code would have ended the program."""

    def __init__(self, call: str, code: object) -> None:
        super().__init__(code)
        self.call = call

    def __str__(self) -> str:
        """The call."""
        return self.call


_GUARDED: list[int] = []  # the process


def guard() -> None:
    """Keep this process from being ended by anything but mmaudit; once."""
    _GUARDED[:] = [os.getpid()]
    for name in CALLS:
        call = getattr(os, name)
        if not hasattr(call, "__wrapped__"):
            setattr(os, name, wraps(call)(partial(_end, name, call)))


def _end(name: str, call: Callable[..., Any], *args: Any) -> Any:
    if os.getpid() not in _GUARDED or not _is_given(sys._getframe().f_back):  # noqa: SLF001
        return call(*args)
    raise EndedError(f"os.{name}({', '.join(map(repr, args[:1]))})", args[0])


def _is_given(frame: FrameType | None) -> bool:
    """Whether the innermost code that is not Python's own is not mmaudit's either."""
    while frame is not None:
        file = frame.f_code.co_filename
        if not _is_pythons(file):
            return not Path(file).is_relative_to(HERE)
        frame = frame.f_back
    return True  # a thread or an end that was asked for in advance


def _is_pythons(file: str) -> bool:
    path = Path(file)
    if file.startswith("<frozen "):
        return True
    return path.is_relative_to(STDLIB) and not any(path.is_relative_to(o) for o in OTHERS)
