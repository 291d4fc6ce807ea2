"""Kernels: functions that numba compiles, and where what it compiled is kept.

numba keeps it beside the source or in the user's cache, and refuses to compile where it can write
neither, as in a read-only installation without a home. Then it is kept in the temporary folder, in
one that is this user's alone, for what lies there is run.
"""

import os
import stat
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.misc.appdirs import AppDirs

VARIABLE = "NUMBA_CACHE_DIR"  # the environment's word on where


def kernel(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Compile a function when it is first called, without Python's lock, and keep it if possible.

    Args:
        function: The function; without it, what is given is a decorator with the options.
        options: More of numba's own, as ``error_model``.
    """
    if function is None:
        return lambda later: kernel(later, **options)
    return njit(cache=_ready(), nogil=True, **options)(function)


def usual_folder() -> Path | None:
    """Where numba keeps compiled kernels by itself; None where it can write none of its places."""
    named = os.environ.get(VARIABLE)
    user = AppDirs(appname="numba", appauthor=False).user_cache_dir
    places = (Path(named),) if named else (Path(__file__).parent / "__pycache__", Path(user))
    return next(filter(_writable, places), None)


def temporary_folder() -> Path | None:
    """Make a folder for compiled kernels that nobody else can write; None where there is none."""
    if not hasattr(os, "getuid"):
        return None
    folder = Path(tempfile.gettempdir()) / f"mmaudit-kernels-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        there = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(there.st_mode) and there.st_uid == os.getuid()
    return folder if private and not there.st_mode & 0o077 and _writable(folder) else None


@cache
def _ready() -> bool:
    """Whether kernels are kept; where they are is settled with numba at the first of them."""
    if usual_folder():
        return True
    folder = temporary_folder()
    if folder is None:
        said = f"kernels are compiled at every start; {VARIABLE}=FOLDER would keep them\n"
        sys.stderr.write(said)
        return False
    config.CACHE_DIR = str(folder)
    return True


def _writable(folder: Path) -> bool:
    """Whether a file can be made in a folder, or in the nearest one above that exists."""
    try:
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
