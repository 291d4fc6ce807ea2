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
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mmaudit.engines.base import Report, Unit, Work
from mmaudit.errors import IncompleteError
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
    with _crew(work, folder, min(workers, max(1, len(todo)))) as crew:
        _drain(crew, todo, report, len(units))


def write(work: Work, unit: Unit, folder: Path) -> None:
    """Make one unit's table and write it."""
    table = work(unit.rows)
    store.write(table, folder / unit.file, row_group=work.row_group(table))


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who does the units.

    Attributes:
        executor: The workers beside this thread.
        task: What a unit is to them.
        most: Units under way with them: enough that none has to wait for the next.
        own: What a unit is to this thread, where it works too.
    """

    executor: Executor
    task: Callable[[Unit], None]
    most: int
    own: Callable[[Unit], None] | None = None


def _drain(crew: _Crew, todo: list[Unit], report: Report, total: int) -> None:
    """Keep a few units under way, so that a failure or an interruption stops soon."""
    waiting = iter(todo)
    running: set[Future[None]] = set()
    done = total - len(todo)
    try:
        while True:
            free = crew.most - len(running)
            running |= {crew.executor.submit(crew.task, unit) for unit in islice(waiting, free)}
            mine = next(waiting, None) if crew.own else None
            if crew.own and mine:
                crew.own(mine)
                done += 1
            elif not running:
                return
            patience = 0 if mine else None
            finished, running = wait(running, patience, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
                done += 1
            report(done, total)
    except BaseException:
        crew.executor.shutdown(wait=True, cancel_futures=True)
        raise


@contextmanager
def _crew(work: Work, folder: Path, workers: int) -> Iterator[_Crew]:
    """Threads; or processes that are given the work once, of which this one is the first."""

    def own(unit: Unit) -> None:
        write(work, unit, folder)

    if work.processes and workers > 1:
        context = multiprocessing.get_context("spawn")
        others = workers - 1
        try:
            with ProcessPoolExecutor(others, context, _given, (work, folder)) as processes:
                yield _Crew(processes, _task, 2 * others, own)
        except BrokenProcessPool as error:
            raise IncompleteError(
                "a worker process ended before its work was done",
                where=str(folder),
                fix="fewer workers where memory ran out, and --resume; in a script, "
                "start below if __name__ == '__main__':",
            ) from error
    else:
        with ThreadPoolExecutor(workers) as threads:
            yield _Crew(threads, own, 2 * workers)


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
