"""Ray: the same units as tasks of a Ray cluster, of one that runs or of one for this command.

The one that is started for a command listens to this machine alone, and ends with it.
"""

import logging
import os
import secrets
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mmaudit.engines import _reach
from mmaudit.engines._tasks import RayEngine, cores
from mmaudit.engines.base import Unit, Work, require_workers
from mmaudit.engines.declaration import Place, Runner
from mmaudit.errors import MissingError, UsageError
from mmaudit.faults import StoppedError, stopped
from mmaudit.progress import Report

PACKAGES = {"ray": "pip install 'mmaudit[ray]'"}
LOOPBACK = "127.0.0.1"
SILENT = {"log_to_driver": False, "logging_level": logging.CRITICAL}


def run(work: Work, units: Sequence[Unit], folder: Path, *, workers: int, report: Report) -> None:
    """Run the units on a Ray of this machine, as `mmaudit.engines.base.Engine.run` says."""
    require_workers(workers)
    with opened(Place(engine="ray", workers=workers)) as runner:
        runner.run(work, units, folder, report=report)


@contextmanager
def opened(place: Place) -> Iterator[Runner]:
    """A time in which a cluster is connected; one that was started for it ends with it.

    Raises:
        UsageError: The address is none.
        MissingError: No cluster answers there, or none of its machines can do what is wanted.
    """
    with _connected(place) as ray:
        gpus = _gpus(ray, place.device)
        some = cores(ray, gpus)
        if not some:
            what = "GPU" if gpus else "core"
            raise MissingError(
                f"no machine of the cluster has a {what}",
                where=place.address or LOOPBACK,
                fix="--device cpu" if gpus else "a cluster with cores",
            )
        engine = RayEngine(ray, gpus, bounded=place.workers is not None)
        workers = place.workers or sum(some)
        yield Runner(engine=engine, workers=workers, beside=min(workers, max(some)))


def _gpus(ray: Any, device: str) -> int:
    """GPUs of a task: one where it is said, and where it is left open and the cluster has some."""
    if device == "auto":
        return int(ray.cluster_resources().get("GPU", 0) >= 1)
    return int(device == "cuda")


@contextmanager
def _connected(place: Place) -> Iterator[Any]:
    """A time in which Ray is connected, with what it changes in this process as it was."""
    address = None if place.address is None else _reach.require(place.address)
    with _environment(address), TemporaryDirectory(prefix="mmaudit-") as sessions:
        import ray  # noqa: PLC0415  it reads the environment as it is imported

        if address is None and ray.is_initialized():  # by whose program this is
            yield ray
            return
        with _handlers(), _literal(ray):
            if address is None:
                _start(ray, place.workers, sessions)
            else:
                _join(ray, address)
        try:
            yield ray
        finally:
            ray.shutdown()


def _start(ray: Any, workers: int | None, sessions: str) -> None:
    """Start a Ray for this command, which listens to this machine alone."""
    try:
        ray.init(
            address="local",
            num_cpus=workers or len(os.sched_getaffinity(0)),
            include_dashboard=False,
            _node_ip_address=LOOPBACK,
            _temp_dir=sessions,
            **SILENT,
        )
    except Exception as error:
        ray.shutdown()
        raise MissingError(
            f"Ray cannot be started here: {_first(error)}",
            fix="--engine local, or --address of a cluster that runs",
        ) from error


def _join(ray: Any, address: str) -> None:
    """Connect to a cluster that runs.

    Raises:
        MissingError: It cannot be, be it that another version of Ray or Python runs there.
        UsageError: The program is connected to one already.
    """
    if ray.is_initialized():
        raise UsageError("Ray is connected already", fix="no address, or ray.shutdown() before")
    try:
        ray.init(address=address, **SILENT)
    except Exception as error:
        raise MissingError(
            f"no Ray cluster can be connected: {_first(error)}", where=address, fix=_reach.FIX
        ) from error


@contextmanager
def _literal(ray: Any) -> Iterator[None]:
    """A time in which this machine is the address that means it, and not its name in a network.

    Ray would listen to every machine else, and not find a cluster that listens to this one alone.
    """
    services, name = ray._private.services, "resolve_ip_for_localhost"  # noqa: SLF001
    resolve = getattr(services, name)
    setattr(services, name, lambda host: host)
    try:
        yield
    finally:
        setattr(services, name, resolve)


def _first(error: Exception) -> str:
    """The first line of what an error says."""
    return (str(error).strip() or type(error).__name__).partition("\n")[0]


@contextmanager
def _handlers() -> Iterator[None]:
    """A time in which Ray may take the signals, which are given back; one that came is not lost.

    Raises:
        StoppedError: The program is to stop.
    """
    numbers = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        yield
    except SystemExit as error:  # Ray's own answer to SIGTERM
        raise StoppedError(signal.SIGTERM) from error
    except KeyboardInterrupt as error:
        raise (error if isinstance(error, StoppedError) else stopped()) from error
    finally:
        for number, handler in before.items():
            with suppress(ValueError):  # not the main thread, which alone has them
                signal.signal(number, handler)


@contextmanager
def _environment(address: str | None) -> Iterator[None]:
    """A time in which Ray reports nothing to its makers, and its own cluster has a secret."""
    own: Mapping[str, str] = {"RAY_USAGE_STATS_ENABLED": "0"}
    if address is None and "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        own = {**own, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
