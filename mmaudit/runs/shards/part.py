"""One part of a job: what its plan says, and whether it is finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.engines.base import FILES, PLAN, Unit
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.formats import many
from mmaudit.injection.record import listing
from mmaudit.injection.write.manifest import PARTS
from mmaudit.runs.shards.request import CORRUPT, JobRequest
from mmaudit.tables import store
from mmaudit.tables.log import SAMPLES
from mmaudit.tables.shards import REQUEST, SHARD, JobShard, shard_of
from mmaudit.tables.signed import DIGEST, intact

WHAT = "the plan of a part"
AGAIN = "the part as it was written"
OPTIONS, DIGESTS, UNITS = "options", "digests", "units"  # of a plan


@dataclass(frozen=True, slots=True)
class JobPart:
    """What one shard of a job left.

    Attributes:
        folder: The folder, as it was named.
        home: Folder of its plan.
        plan: What the plan says.
        shard: Which shard it is.
        request: What was asked for.
    """

    folder: Path
    home: Path
    plan: Mapping[str, Any]
    shard: JobShard
    request: JobRequest

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that the units of the whole job depend on."""
        return {k: v for k, v in self.plan.items() if k not in {SHARD, REQUEST, DIGEST}}

    @property
    def units(self) -> Sequence[int]:
        """Numbers of its units."""
        return self.shard.share(range(self.plan[UNITS]))

    def listed(self) -> Mapping[str, str]:
        """The files of a part of a copy, with their hashes.

        Raises:
            IncompleteError: It does not have all of them yet.
            InputError: Their list is damaged.
        """
        hashes = listing.read(self.folder, self.anew)
        if hashes is None:
            raise IncompleteError(
                f"part {self.shard} is not finished",
                where=str(self.folder),
                fix=self.finishing,
            )
        return hashes

    @property
    def anew(self) -> str:
        """What makes it again from nothing."""
        return f"remove {self.folder}, then {self.finishing.removesuffix(' --resume')}"

    @property
    def finishing(self) -> str:
        """The command that finishes it."""
        return self.request.command(self.folder, self.shard)

    def unit(self, number: int) -> Path:
        """The table of one unit of an audit."""
        return self.home / SAMPLES / Unit(number, 0, 0).file

    def require_finished(self) -> None:
        """Refuse a part that is not finished, or of which a table is not what was written.

        Raises:
            IncompleteError: It is not finished.
            InputError: A table, or the list of its files, is damaged.
        """
        if self.request.job == CORRUPT:
            self.listed()
            return
        paths = [self.unit(number) for number in self.units]
        away = sum(not path.exists() for path in paths)
        if away:
            raise IncompleteError(
                f"part {self.shard} is not finished: {away} of {many(len(paths), 'unit')} "
                f"{'is' if away == 1 else 'are'} not there",
                where=str(self.home),
                fix=self.finishing,
            )
        for path in paths:
            if not store.whole(path):
                raise InputError(store.damaged(path).what, where=str(path), fix=self.finishing)


def plan_of_copy(folder: Path) -> JobPart:
    """What the plan of a part of a copy says."""
    return read(folder, folder / PARTS / PLAN)


def read(folder: Path, path: Path) -> JobPart:
    """What a plan says of the part that it is of.

    Args:
        folder: The part.
        path: The plan.

    Raises:
        InputError: The plan is damaged.
        UsageError: It is that of a run of all units.
    """
    plan = files.read_json(path, WHAT, fix=AGAIN)
    if not intact(plan):
        raise InputError(f"{WHAT} is damaged: it was changed", where=str(path), fix=AGAIN)
    shard = shard_of(plan)
    if shard is None:
        raise UsageError(
            "a run of all units, and no part of one",
            where=str(path.parent),
            fix="a folder that a command with --shard wrote",
        )
    request = JobRequest.of(plan.get(REQUEST), path)
    own = PARTS if request.job == CORRUPT else request.job
    types = {UNITS: int, OPTIONS: dict, DIGESTS: dict, FILES: dict}
    if own != path.parent.name or not all(isinstance(plan.get(k, {}), t) for k, t in types.items()):
        raise InputError(f"{WHAT} is of another form", where=str(path), fix=AGAIN)
    return JobPart(folder, path.parent, plan, shard, request)
