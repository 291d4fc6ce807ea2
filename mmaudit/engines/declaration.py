"""Where units are to run, as a person says it, and an engine that is ready to run them there."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mmaudit.engines import local
from mmaudit.engines.base import Engine, Unit, Work, load, require_workers
from mmaudit.errors import UsageError
from mmaudit.progress import Report

LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where units are to run, as far as a person says so.

    Attributes:
        engine: Name of the engine.
        address: The cluster; None for this machine.
        workers: Units at a time; None where nobody says.
        device: Where models run: ``auto``, ``cpu`` or ``cuda``; ``cpu`` where none is asked.
    """

    engine: str = LOCAL
    address: str | None = None
    workers: int | None = None
    device: str = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """An engine that is ready, and how many units it runs at a time.

    Attributes:
        engine: What runs them.
        workers: Units at a time.
        beside: How many of them share one machine and its memory, at most.
    """

    engine: Engine
    workers: int = 1
    beside: int = 1

    def run(self, work: Work, units: Sequence[Unit], folder: Path, *, report: Report) -> None:
        """Run every unit whose file is not there yet, as `Engine.run` says."""
        self.engine.run(work, units, folder, workers=self.workers, report=report)


class RemoteEngine(Protocol):
    """What an engine has besides, where units run in processes that are not below this one."""

    def opened(self, place: Place) -> AbstractContextManager[Runner]:
        """A time in which it is ready; what it started is ended with it.

        Raises:
            MissingError: What should run units is not there.
        """
        ...


@contextmanager
def opened(place: Place) -> Iterator[Runner]:
    """A time in which an engine is ready.

    Raises:
        UsageError: There is no such engine, no worker, or it has no use for an address.
        MissingError: What should run units is not there.
    """
    engine = load(place.engine)
    if place.workers is not None:
        require_workers(place.workers)
    if hasattr(engine, "opened"):
        remote: Any = engine
        with remote.opened(place) as runner:
            yield runner
        return
    if place.address is not None:
        raise UsageError(
            f"--address is of a cluster, and the engine {place.engine!r} runs units here",
            fix="--engine ray, or no --address",
        )
    yield here(place.workers or 1, engine)


def here(workers: int, engine: Engine = local) -> Runner:
    """An engine of this machine.

    Raises:
        UsageError: There are no workers.
    """
    require_workers(workers)
    return Runner(engine=engine, workers=workers, beside=workers)
