"""Walk: the files of a folder, where folders may be closed and files may go meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmaudit.errors import InputError


def below(folder: Path) -> list[Path]:
    """Every file in a folder and in folders below it, sorted; links to folders are not followed.

    Raises:
        InputError: A folder may not be read: what is in it would be set aside without a count.
    """
    paths = (Path(top, name) for top, _, names in folders(folder) for name in names)
    return sorted(path for path in paths if path.is_file())


def folders(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """A folder and those below it, each with its folders and files, as `os.walk` gives them.

    Raises:
        InputError: A folder may not be read.
    """
    return os.walk(folder, onerror=_refuse)


def _refuse(error: OSError) -> None:
    if isinstance(error, FileNotFoundError):  # gone since it was listed
        return
    raise InputError(
        f"cannot look into the folder: {error.strerror}",
        where=str(error.filename),
        fix="let it be read, or name a folder or pattern without it",
    ) from error


@contextmanager
def steady(path: str) -> Iterator[None]:
    """A time in which files are looked at: that one goes meanwhile is said, and is no bug.

    Args:
        path: What is looked at.

    Raises:
        InputError: A file went away.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(
            "a file went away while the data was being opened",
            where=str(error.filename or path),
            fix="the same again when nobody removes files there",
        ) from error
