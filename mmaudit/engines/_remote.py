"""Remote: what a worker process of a cluster does, on whatever machine it is.

It is sent the work once. Before it unpacks it, it looks whether it is where it should be: it sees
the folder of the run, and the same versions of what makes numbers are installed.
"""

import os
import pickle
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mmaudit import files, patience
from mmaudit.engines import _deaths
from mmaudit.engines.base import Unit, Work
from mmaudit.engines.local import write
from mmaudit.errors import MissingError
from mmaudit.faults import SOMEONES, Faults
from mmaudit.tables import seal
from mmaudit.version import NUMBERS, VERSION, installed

PROOF = "proof"  # the file that shows that a folder is the one which is meant
MISSING = "not at all"  # in the place of a version
WAIT = 5.0  # seconds in which a shared file system shows a new file


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteJob:
    """What every worker process is sent once.

    Attributes:
        name: Tells it from other jobs.
        work: The function of a unit, packed.
        folder: Where files go.
        notes: The folder, within it, of what processes note; it holds the proof.
        here: The folder in which the command runs, for relative paths.
        paths: Where its modules are looked for.
        versions: What is installed where it runs.
    """

    name: str
    work: bytes
    folder: Path
    notes: Path
    here: str
    paths: tuple[str, ...]
    versions: Mapping[str, str]


def versions() -> dict[str, str]:
    """What answers depend on, as far as it is installed."""
    return {"python": platform.python_version(), "mmaudit": VERSION, **installed(*NUMBERS)}


def look(job: RemoteJob) -> None:
    """Refuse a machine that would write elsewhere, or make other numbers.

    Raises:
        MissingError: It does not see the folder of the run or the one in which the command runs,
            or other versions are installed.
    """
    for folder, proof in ((job.folder, job.notes / PROOF), (Path(job.here), Path(job.here))):
        if not _appears(proof):
            raise MissingError(
                f"the machine {platform.node()} of the cluster does not see this folder",
                where=str(folder),
                fix="a folder on a file system that all machines share, under the same path",
            )
    own = versions()
    others = sorted(
        k for k in own.keys() | job.versions.keys() if own.get(k) != job.versions.get(k)
    )
    if others:
        name = others[0]
        raise MissingError(
            f"a machine of the cluster has {name} {own.get(name, MISSING)}, and this one "
            f"{job.versions.get(name, MISSING)}, so that it may make other numbers",
            where=platform.node(),
            fix="the same versions of mmaudit and its packages on every machine",
        )


def _appears(path: Path) -> bool:
    """Whether a file is there, or comes to be seen."""
    end = time.monotonic() + WAIT
    while not path.exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


class RemoteWork:
    """The work in this worker process.

    Attributes:
        job: What was sent.
        place: Name, below the notes, of what this process notes.
        work: The function of a unit.
    """

    def __init__(self, job: RemoteJob, node: str) -> None:
        look(job)
        os.chdir(job.here)
        sys.path += [path for path in job.paths if path not in sys.path]
        folder = job.notes / node
        folder.mkdir(exist_ok=True)
        _deaths.note(folder)
        patience.ended_by(partial(_deaths.end, folder))
        self.job, self.place = job, f"{node}/{os.getpid()}"
        with Faults(SOMEONES):
            self.work: Work = pickle.loads(job.work)  # noqa: S301  what the command packed

    def write(self, unit: Unit) -> str:
        """Make one unit's file, and return the digest of it."""
        at = self.job.notes / str(unit.index)
        files.write_bytes(at, self.place.encode(), durable=False)  # who it is, if it ends here
        with Faults(SOMEONES):
            write(self.work, unit, self.job.folder)
        at.unlink(missing_ok=True)
        return seal.digest(self.job.folder / unit.file)
