"""Tasks: units as tasks of a Ray cluster that is connected.

A task makes one unit's file and returns the digest of it, so that no row passes through the process
of the command. Ray repeats nothing by itself: what a machine that leaves the cluster had begun is
begun again here, as often as it takes, and what a unit's own code does is its failure.
"""

import secrets
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from typing import Any

from mmaudit import files
from mmaudit.engines._crashes import Crashes, require_same
from mmaudit.engines._remote import PROOF, RemoteJob, RemoteWork, look, versions
from mmaudit.engines.base import Unit, Work
from mmaudit.errors import MissingError, MMAuditError, UsageError
from mmaudit.faults import StoppedError, stopped
from mmaudit.progress import Report
from mmaudit.tables import store

NOTES = ".ray-"  # how the folder of what worker processes note begins, in that of their files
LOOK = 1.0  # seconds between two looks at what has ended
GRACE = 3.0  # seconds in which tasks may end by themselves
ANSWER = 120.0  # seconds in which every machine says whether it can work
AHEAD = 2  # tasks of a core: one is there when the other ends


class RayEngine:
    """A cluster that is connected.

    Attributes:
        ray: Ray itself.
        gpus: GPUs of a task.
        bounded: Whether a person said how many units at a time; else it is every core.
    """

    def __init__(self, ray: Any, gpus: int, *, bounded: bool) -> None:
        self.ray, self.gpus, self.bounded = ray, gpus, bounded

    def run(
        self, work: Work, units: Sequence[Unit], folder: Path, *, workers: int, report: Report
    ) -> None:
        """Run the units, as `mmaudit.engines.base.Engine.run` says."""
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        files.sweep_up(folder)
        todo = deque(unit for unit in units if not store.whole(folder / unit.file))
        done = len(units) - len(todo)
        report(done, len(units))
        if not todo:
            return
        with _noted(folder) as notes, _stops():
            job = self._job(work, folder, notes)
            box = [self.ray.put(job)]  # in a list it is not fetched again for every task
            self._look(box)
            for _ in self._done(job, box, todo, workers):
                done += 1
                report(done, len(units))

    def _job(self, work: Work, folder: Path, notes: Path) -> RemoteJob:
        try:
            packed = self.ray.cloudpickle.dumps(work)
        except Exception as error:
            if isinstance(error, MMAuditError):
                raise
            raise UsageError(
                f"what the units need cannot be sent to other processes: {error}",
                fix="a model by its spec, as python:model.py:factory; or --engine local",
            ) from error
        return RemoteJob(
            name=notes.name,
            work=packed,
            folder=folder,
            notes=notes,
            here=str(Path.cwd()),
            paths=tuple(path for path in sys.path if path),
            versions=versions(),
        )

    def _look(self, box: Sequence[Any]) -> None:
        """Have every machine that could work say whether it can.

        Raises:
            MissingError: One cannot: it does not see the folder, or has other versions.
        """
        ray = self.ray
        by_node = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        tasks = {
            ray.remote(_look)
            .options(num_cpus=0, max_retries=0, scheduling_strategy=by_node(node, soft=False))
            .remote(box): name
            for node, name in _nodes(ray, self.gpus).items()
        }
        answers, silent = ray.wait([*tasks], num_returns=len(tasks), timeout=ANSWER)
        for ref in answers:
            try:
                ray.get(ref)
            except ray.exceptions.RayTaskError as error:
                raise _cause(error, tasks[ref]) from error
            except ray.exceptions.RayError:
                continue  # it has left, and others go on
        if silent:
            raise MissingError(
                f"the machine {tasks[silent[0]]} of the cluster gives no answer",
                where=tasks[silent[0]],
                fix="`ray status` shows what it does",
            )

    def _done(
        self, job: RemoteJob, box: Sequence[Any], todo: deque[Unit], workers: int
    ) -> Iterator[Unit]:
        """Yield each unit when its file is there."""
        task = self.ray.remote(
            num_cpus=1,
            num_gpus=self.gpus,
            max_calls=0,  # a process that has a GPU would end with its first task
            max_retries=0,
        )(_task)
        pending: dict[Any, Unit] = {}
        crashes = Crashes(job, lambda: _nodes(self.ray, self.gpus))
        try:
            while todo or pending:
                most = workers if self.bounded else AHEAD * max(1, sum(cores(self.ray, self.gpus)))
                while todo and len(pending) < most:
                    unit = todo.popleft()
                    pending[task.remote(job.name, box, unit)] = unit
                ended, _ = self.ray.wait([*pending], num_returns=1, timeout=LOOK)
                if ended:
                    ended, _ = self.ray.wait([*pending], num_returns=len(pending), timeout=0)
                crashes.require_machines()
                for ref in ended:
                    unit = pending.pop(ref)
                    if self._is_done(ref, unit, job, crashes):
                        yield unit
                    else:
                        todo.appendleft(unit)
        finally:
            self._cancel([*pending])

    def _is_done(self, ref: Any, unit: Unit, job: RemoteJob, crashes: Crashes) -> bool:
        """Whether a unit's file is there; False if it is to be begun again."""
        errors = self.ray.exceptions
        try:
            digest = self.ray.get(ref)
        except errors.RayTaskError as error:
            raise _cause(error, "") from error
        except errors.NodeDiedError:
            return False
        except errors.RayError as error:
            crashes.add(unit, error)
            return False
        require_same(job.folder / unit.file, digest)
        return True

    def _cancel(self, pending: Sequence[Any]) -> None:
        """Let no task go on: those that wait end at once, and others between two lines."""
        if not pending or not self.ray.is_initialized():
            return
        for force in (False, True):
            for ref in pending:
                with suppress(self.ray.exceptions.RayError, ValueError):
                    self.ray.cancel(ref, force=force)
            _, pending = self.ray.wait([*pending], num_returns=len(pending), timeout=GRACE)
            if not pending:
                return


_WORKS: dict[str, RemoteWork] = {}  # of this worker process: the job that it works at


def _task(name: str, box: Sequence[Any], unit: Unit) -> str:
    """Make one unit's file in a worker process; the digest of it."""
    import ray  # noqa: PLC0415  it is what runs this

    if name not in _WORKS:
        _WORKS.clear()
        _WORKS[name] = RemoteWork(ray.get(box[0]), ray.get_runtime_context().get_node_id())
    return _WORKS[name].write(unit)


def _look(box: Sequence[Any]) -> None:
    """Look, on another machine, whether units can run there."""
    import ray  # noqa: PLC0415  it is what runs this

    look(ray.get(box[0]))


@contextmanager
def _noted(folder: Path) -> Iterator[Path]:
    """A folder for what worker processes note, with the proof that it is the one which is meant."""
    for old in folder.glob(f"{NOTES}*"):
        rmtree(old, ignore_errors=True)
    notes = folder / f"{NOTES}{secrets.token_hex(8)}"
    files.write_bytes(notes / PROOF, b"")
    try:
        yield notes
    finally:
        files.sweep_up(folder)
        rmtree(notes, ignore_errors=True)


@contextmanager
def _stops() -> Iterator[None]:
    """A time in which Ray answers signals: it makes its own error of what was raised then."""
    try:
        yield
    except KeyboardInterrupt as error:
        if isinstance(error, StoppedError):
            raise
        raise stopped() from error


def _cause(error: Any, machine: str) -> BaseException:
    """What was raised in another process, as it would be here."""
    cause = error.cause
    if isinstance(cause, ModuleNotFoundError) and str(cause.name).startswith("mmaudit"):
        return MissingError(
            f"the machine {machine} of the cluster has no mmaudit",
            where=machine,
            fix="the same versions of mmaudit and its packages on every machine",
        )
    return cause if isinstance(cause, Exception) else error


def _nodes(ray: Any, gpus: int) -> dict[str, str]:
    """The machines that can run a task: their names by their ids."""
    what = "GPU" if gpus else "CPU"
    return {
        node["NodeID"]: node["NodeManagerHostname"]
        for node in ray.nodes()
        if node["Alive"] and node["Resources"].get(what, 0) >= 1
    }


def cores(ray: Any, gpus: int) -> list[int]:
    """How many tasks each machine of the cluster can run at a time."""
    ready = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    some = [int(min(r.get("CPU", 0), r.get("GPU", 0) if gpus else r.get("CPU", 0))) for r in ready]
    return [count for count in some if count]
