"""Local: units run on this machine, in threads, or in processes where Python holds its lock."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from mmaudit.engines.base import Report, Unit, Work
from mmaudit.tables import store


def run(work: Work, units: Sequence[Unit], folder: Path, *, workers: int, report: Report) -> None:
    """Run every unit whose file is not there yet; each writes one file, whole or not at all.

    An interruption waits for the units that are running and leaves a folder from which the same
    call goes on.

    Args:
        work: The function of a unit.
        units: All units of the job, in order.
        folder: Where the files go.
        workers: How many units at a time, at least 1.
        report: Called with the number of finished units and of all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _sweep_up(folder)
    todo = [unit for unit in units if not (folder / unit.file).exists()]
    done = len(units) - len(todo)
    report(done, len(units))
    if workers == 1:
        for unit in todo:
            write(work, unit, folder)
            done += 1
            report(done, len(units))
        return
    with _executor(work, folder, min(workers, max(1, len(todo)))) as (executor, task):
        _drain(executor, task, todo, 2 * workers, report, len(units))


def write(work: Work, unit: Unit, folder: Path) -> None:
    """Make one unit's table and write it."""
    table = work(unit.rows)
    store.write(table, folder / unit.file, row_group=work.row_group(table))


def _drain(
    executor: Executor,
    task: Callable[[Unit], None],
    todo: list[Unit],
    most: int,
    report: Report,
    total: int,
) -> None:
    """Keep a few units under way, so that a failure or an interruption stops soon."""
    waiting = iter(todo)
    running: set[Future[None]] = set()
    done = total - len(todo)
    try:
        while True:
            running |= {
                executor.submit(task, unit) for unit in islice(waiting, most - len(running))
            }
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                done += 1
            report(done, total)
    except BaseException:
        executor.shutdown(wait=True, cancel_futures=True)
        raise


@contextmanager
def _executor(
    work: Work, folder: Path, workers: int
) -> Iterator[tuple[Executor, Callable[[Unit], None]]]:
    """Threads, or processes that are given the work once; and what a unit's task is there."""
    if work.processes and workers > 1:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, _given, (work, folder)) as processes:
            yield processes, _task
    else:
        with ThreadPoolExecutor(workers) as threads:
            yield threads, lambda unit: write(work, unit, folder)


_GIVEN: list[tuple[Work, Path]] = []  # what this worker process was given


def _given(work: Work, folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and lets units finish
    _GIVEN[:] = [(work, folder)]


def _task(unit: Unit) -> None:
    work, folder = _GIVEN[0]
    write(work, unit, folder)


def _sweep_up(folder: Path) -> None:
    """Remove what a killed run left half written; readers never look at these names."""
    for path in folder.glob(".*.parquet.*"):
        path.unlink()
