"""Opened: the directory of a run, in a folder of this machine or in an object store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from mmaudit import locks
from mmaudit.errors import MMAuditError, UsageError
from mmaudit.runs.folder import Run, folder_of
from mmaudit.stores import cache
from mmaudit.stores.urls import KEEPING, store_of

RUNS = "runs"  # in the cache: working folders of runs that are in stores


@contextmanager
def writing(
    run: str | Path | Run | None, command: str, *, patience: float = 0.0, make: bool = True
) -> Iterator[Run]:
    """A time in which a run is this command's alone, and may be written.

    Args:
        run: Its directory, or its address in a store; a temporary directory where there is none.
        command: What is done, for others that are refused.
        patience: Seconds to wait for another command of this machine.
        make: Whether to make the directory.

    Raises:
        IncompleteError: Another command is at work there.
        MissingError: The store cannot be reached.
        UsageError: No run can be written there.
    """
    url = None if run is None else _url(run)
    if url is None:
        one = Run.temporary() if run is None else Run(folder_of(run))
        with locks.alone(one.path, command, patience=patience, make=make):
            yield one
        return
    if urlsplit(url).scheme not in KEEPING:
        raise UsageError("this store is read, and not written", where=url, fix="s3://BUCKET/FOLDER")
    from mmaudit.runs.places import mirror  # noqa: PLC0415  only where there is a store

    folder = cache.place(RUNS, url)
    with (
        locks.alone(folder, command, patience=patience),
        _naming(folder, url),
        mirror.written(url, folder, command),
    ):
        yield Run(folder, url)


@contextmanager
def reading(run: str | Path | Run, command: str) -> Iterator[Path]:
    """A time in which no command of mmaudit writes a run, and any may read it.

    Args:
        run: Its directory, or its address in a store.
        command: What is done, for others that are refused.

    Returns:
        Its folder on this machine.

    Raises:
        IncompleteError: Another command writes there.
        MissingError: The store cannot be reached.
    """
    url = _url(run)
    if url is None:
        with locks.reading(folder_of(run), command):
            yield folder_of(run)
        return
    from mmaudit.runs.places import mirror  # noqa: PLC0415  only where there is a store

    folder = cache.place(RUNS, url)
    with locks.alone(folder, command, patience=locks.PATIENCE), _naming(folder, url):
        mirror.bring(url, folder)
        yield folder


def fetched(run: str | Path | Run, command: str) -> Path:
    """The folder of a run on this machine; one in a store is brought here.

    Args:
        run: Its directory, or its address in a store.
        command: What is done, for others that are refused.

    Raises:
        IncompleteError: Another command writes in the store's.
        MissingError: The store cannot be reached.
    """
    if _url(run) is None:
        return folder_of(run)
    with reading(run, command) as folder:
        return folder


def _url(run: str | Path | Run) -> str | None:
    return (run.url or None) if isinstance(run, Run) else store_of(run)


@contextmanager
def _naming(folder: Path, url: str) -> Iterator[None]:
    """Refusals that name the run as the person did, and not its working folder."""
    try:
        yield
    except MMAuditError as error:
        error.where = error.where.replace(str(folder), url)
        error.fix = error.fix.replace(str(folder), url)
        raise
