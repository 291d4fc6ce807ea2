"""Local: units run on this machine, in threads, or in processes where Python holds its lock."""

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree
from tempfile import TemporaryDirectory
from threading import Thread

from mmaudit import files, patience, streams
from mmaudit.aside import parted
from mmaudit.engines import _deaths
from mmaudit.engines.base import Unit, Work, require_workers
from mmaudit.errors import IncompleteError
from mmaudit.faults import SOMEONES, Faults
from mmaudit.progress import Report
from mmaudit.tables import store


def run(work: Work, units: Sequence[Unit], folder: Path, *, workers: int, report: Report) -> None:
    """Run the units here, as `mmaudit.engines.base.Engine.run` says; it waits for those begun."""
    require_workers(workers)
    _require_begun()
    folder.mkdir(parents=True, exist_ok=True)
    files.sweep_up(folder)
    todo = [unit for unit in units if not store.whole(folder / unit.file)]
    done = len(units) - len(todo)
    report(done, len(units))
    if workers == 1:
        for unit in todo:
            write(work, unit, folder)
            done += 1
            report(done, len(units))
        return
    with _hands(work, folder, min(workers, max(1, len(todo)))) as hands:
        _drain(hands, todo, report, len(units))


def _require_begun() -> None:
    """Refuse a process that only reads the script of the one that started it.

    It would sweep up what the other is writing.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):  # as `spawn` itself asks
        raise IncompleteError(
            "a worker process began the work of the one that started it", fix=_deaths.BELOW_MAIN
        )


def write(work: Work, unit: Unit, folder: Path) -> None:
    """Make one unit's table and write it."""
    table = parted(work(unit.rows), folder / unit.file)
    store.write(table, folder / unit.file, row_group=work.row_group(table))


Hand = Callable[[Unit], None]  # whatever does one unit at a time


def _drain(hands: Sequence[Hand], todo: Sequence[Unit], report: Report, total: int) -> None:
    """Give every hand a unit as soon as it is free, so that none waits while there are some."""
    free: SimpleQueue[Hand] = SimpleQueue()
    for hand in hands:
        free.put(hand)

    def do(unit: Unit) -> None:
        hand = free.get()
        try:
            hand(unit)
        finally:
            free.put(hand)

    done = total - len(todo)
    with ThreadPoolExecutor(len(hands), initializer=_undisturbed) as threads:
        try:
            for future in as_completed([threads.submit(do, unit) for unit in todo]):
                future.result()
                done += 1
                report(done, total)
        except BaseException:  # what is under way is waited for, and nothing else is begun
            threads.shutdown(wait=True, cancel_futures=True)
            raise


@contextmanager
def _hands(work: Work, folder: Path, workers: int) -> Iterator[Sequence[Hand]]:
    """Threads; or processes that get the work once, of which this one is the first."""

    def own(unit: Unit) -> None:
        write(work, unit, folder)

    if not work.processes or workers == 1:
        yield [own] * workers
        return
    context = multiprocessing.get_context("spawn")
    _keep_track()
    packed = pickle.dumps((work, folder))  # now: it changes while this process works with it
    started: set[BaseProcess] = set()
    with TemporaryDirectory(prefix="mmaudit-") as notes:
        # in a file: a pipe to a process that dies as it starts would be written to for ever
        Path(notes, WORK).write_bytes(packed)
        try:
            with ProcessPoolExecutor(workers - 1, context, _receive, (notes,)) as processes:

                def other(unit: Unit) -> None:
                    future = processes.submit(_task, unit)
                    started.update(multiprocessing.active_children())
                    future.result()

                yield [own] + [other] * (workers - 1)
        except BrokenProcessPool as error:
            raise _deaths.refusal(started, Path(notes), folder) from error


WORK = "work"  # the file, among the notes of worker processes, that has what they do
_JOB: list[tuple[Work, Path]] = []  # of this worker process: the work, and where its files go
_UNFIT: list[BaseException] = []  # why there is none


def _receive(notes: str) -> None:
    """Begin in a worker process; what goes wrong is raised by its first task, which is heard."""
    for number in _of_all():  # the parent is told, and lets units finish
        signal.signal(number, signal.SIG_IGN)
    streams.steady()
    _deaths.note(Path(notes))
    patience.ended_by(partial(_deaths.end, Path(notes)))
    Thread(target=_follow, args=[notes], daemon=True).start()
    try:
        with Faults(SOMEONES):
            packed = Path(notes, WORK).read_bytes()
            _JOB[:] = [pickle.loads(packed)]  # noqa: S301  what the parent packed
    except BaseException as error:  # noqa: BLE001  raised again by the first task
        _UNFIT.append(error)


def _keep_track() -> None:
    """Start Python's own process that clears up, where the end of a terminal does not end it."""
    if hasattr(signal, "pthread_sigmask"):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _of_all())
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _undisturbed() -> None:
    """Keep an interruption from the processes that a thread starts: the main thread is told.

    A process that it ends while it starts never reads its work, and who hands that over waits for
    ever.
    """
    if hasattr(signal, "pthread_sigmask"):  # what a thread blocks, its processes block from birth
        signal.pthread_sigmask(signal.SIG_BLOCK, _of_all())


def _of_all() -> set[int]:
    """The signals that a terminal sends to every process at once."""
    return {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}


def _follow(notes: str) -> None:
    """End with the parent, however it ends: nobody would read the answer or stop the wait.

    What it would have cleared up is left to its workers.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        rmtree(notes, ignore_errors=True)
        os._exit(1)


def _task(unit: Unit) -> None:
    if _UNFIT:
        raise _UNFIT[0]
    work, folder = _JOB[0]
    with Faults(SOMEONES):  # here: another process is not told the line
        write(work, unit, folder)
