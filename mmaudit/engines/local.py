"""Local: units run on this machine, in threads, or in processes where Python holds its lock."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED as ANY
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
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
    with _executor(work, workers) as executor:
        _drain(executor, work, todo, folder, workers, report, len(units))


def write(work: Work, unit: Unit, folder: Path) -> None:
    """Make one unit's table and write it."""
    table = work(unit.rows)
    store.write(table, folder / unit.file, row_group=work.row_group(table))


def _drain(
    executor: Executor,
    work: Work,
    todo: list[Unit],
    folder: Path,
    workers: int,
    report: Report,
    total: int,
) -> None:
    """Keep a few units under way, so that a failure or an interruption stops soon."""
    waiting = iter(todo)
    running: set[Future[None]] = set()
    done = total - len(todo)
    try:
        while True:
            for unit in waiting:
                running.add(executor.submit(write, work, unit, folder))
                if len(running) == 2 * workers:
                    break
            if not running:
                return
            finished, running = wait(running, return_when=ANY)
            for future in finished:
                future.result()
                done += 1
            report(done, total)
    except BaseException:
        executor.shutdown(wait=True, cancel_futures=True)
        raise


def _executor(work: Work, workers: int) -> Executor:
    if work.processes:
        return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    return ThreadPoolExecutor(workers)


def _sweep_up(folder: Path) -> None:
    """Remove what a killed run left half written; readers never look at these names."""
    for path in folder.glob(".*.parquet.*"):
        path.unlink()
