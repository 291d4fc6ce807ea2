"""The parts of one job: whether they belong together, are all there, finished and whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.aside import ENDING
from mmaudit.engines.base import FILES, PLAN, Unit, differences
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.formats import many
from mmaudit.injection.write.manifest import PARTS
from mmaudit.runs.shards.request import CORRUPT, JobRequest
from mmaudit.tables import store
from mmaudit.tables.log import SAMPLES
from mmaudit.tables.shards import REQUEST, SHARD, JobShard, shard_of
from mmaudit.tables.signed import DIGEST, intact

WHAT = "the plan of a part"
AGAIN = "the part as it was written"
MODEL, OPTIONS, DIGESTS, UNITS = "model", "options", "digests", "units"  # of a plan
LISTED = 6  # shards that a refusal names


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

    @property
    def finishing(self) -> str:
        """The command that finishes it."""
        return self.request.command(self.folder, self.shard)


@dataclass(frozen=True, slots=True)
class JobParts:
    """All parts of one job.

    Attributes:
        job: Name of the audit, or ``corrupt``.
        parts: In the order of their shards.
    """

    job: str
    parts: tuple[JobPart, ...]

    @property
    def request(self) -> JobRequest:
        """What was asked for, as the first part has it."""
        return self.parts[0].request

    @property
    def plan(self) -> Mapping[str, Any]:
        """What the first part's plan says."""
        return self.parts[0].plan

    @property
    def spec(self) -> str | None:
        """How the parts name their model."""
        spec = self.plan[OPTIONS].get(MODEL)
        return spec if isinstance(spec, str) else None

    def check(self, identity: Mapping[str, Any]) -> None:
        """Refuse to join parts of something else than what is here now.

        Args:
            identity: Of the whole job, as it would be run here.

        Raises:
            UsageError: It is another one; what is another one is named.
        """
        changes = _differences(self.parts[0].identity, identity, ("in the parts", "here"))
        if changes:
            raise UsageError(
                f"the parts are of another run than what is here: {'; '.join(changes)}",
                where=str(self.parts[0].folder),
                fix="what the parts were made from, with --dataset or --model where it lies "
                "elsewhere now",
            )

    def place(self, folder: Path) -> None:
        """Give the units of an audit a place in a run.

        Args:
            folder: The audit's folder in the run.
        """
        for part in self.parts:
            for number in part.units:
                path = _unit(part.home / SAMPLES, number)
                files.link(path, folder / SAMPLES / path.name)
                beside = path.with_suffix(ENDING)
                if beside.exists():
                    files.link(beside, folder / SAMPLES / beside.name)


def gather(folders: Sequence[Path]) -> tuple[JobParts, ...]:
    """The jobs that some folders are parts of, each with all of its parts.

    Args:
        folders: The folders, in any order.

    Raises:
        InputError: One of them is no part, or a table of it is damaged.
        UsageError: Two are the same shard, or they are of different jobs.
        IncompleteError: A shard is not there, or not finished.
    """
    every = [part for folder in folders for part in _opened(folder)]
    ordered = sorted(every, key=lambda part: (part.request.job, part.shard))
    jobs = groupby(ordered, lambda part: part.request.job)
    return tuple(_job(name, tuple(parts)) for name, parts in jobs)


def _opened(folder: Path) -> list[JobPart]:
    """What there is of jobs in a folder."""
    if not folder.is_dir():
        raise InputError("there is no such part", where=str(folder), fix="check the path")
    plans = [folder / PARTS / PLAN, *sorted(folder.glob(f"*/{PLAN}"))]
    parts = [part(folder, path) for path in plans if path.exists()]
    if not parts:
        raise InputError(
            "no part of a run: nothing has begun in it",
            where=str(folder),
            fix="a folder that a command with --shard wrote",
        )
    return parts


def part(folder: Path, path: Path) -> JobPart:
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
    return JobPart(folder, path.parent, plan, shard, JobRequest.of(plan[REQUEST], path))


def _job(name: str, parts: tuple[JobPart, ...]) -> JobParts:
    """The parts of one job, where they are all of it."""
    first = parts[0]
    for one, other in pairwise(parts):
        if one.shard.count != other.shard.count:
            raise UsageError(
                f"{one.folder} is part {one.shard}, and {other.folder} is part {other.shard}",
                fix="the parts of one job, cut once",
            )
        if one.shard == other.shard:
            raise UsageError(
                f"{one.folder} and {other.folder} are both part {one.shard} of {name}",
                fix="each part once",
            )
    for other in parts[1:]:
        words = (f"in {first.folder}", f"in {other.folder}")
        if changes := _differences(first.identity, other.identity, words):
            raise UsageError(
                f"these are parts of different runs: {'; '.join(changes)}",
                where=str(other.folder),
                fix=f"make {other.folder} again, as {first.folder} was made",
            )
    missing = sorted({*first.shard.all} - {part.shard for part in parts})
    if missing:
        named = ", ".join(map(str, missing[:LISTED])) + (", …" if len(missing) > LISTED else "")
        out = Path(f"PART-{missing[0].number}")
        raise IncompleteError(
            f"{many(len(missing), 'part')} of {first.shard.count} of {name} "
            f"{'is' if len(missing) == 1 else 'are'} not there: {named}",
            fix=first.request.command(out, missing[0]).removesuffix(" --resume"),
        )
    for part in parts if name != CORRUPT else ():
        _require_units(part)
    return JobParts(name, parts)


def _require_units(part: JobPart) -> None:
    """Refuse a part of an audit that is not finished, or not what was written."""
    paths = [_unit(part.home / SAMPLES, number) for number in part.units]
    away = sum(not path.exists() for path in paths)
    if away:
        raise IncompleteError(
            f"part {part.shard} is not finished: {away} of {many(len(paths), 'unit')} "
            f"{'is' if away == 1 else 'are'} not there",
            where=str(part.home),
            fix=part.finishing,
        )
    for path in paths:
        if not store.whole(path):
            raise InputError(store.damaged(path).what, where=str(path), fix=part.finishing)


def _unit(folder: Path, number: int) -> Path:
    return folder / Unit(number, 0, 0).file


def _differences(
    one: Mapping[str, Any], other: Mapping[str, Any], words: tuple[str, str]
) -> list[str]:
    """In what two identities differ, wherever their files lie and however they name their model."""
    return differences(_placeless(one, other), _placeless(other, one), words)


def _placeless(identity: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """An identity in which files have no folder, and the model no name where its digest is one."""
    digests: dict[str, list[str]] = {}
    for path, digest in identity.get(FILES, {}).items():
        digests.setdefault(Path(path).name, []).append(digest)
    named = {name: " ".join(sorted(several)) for name, several in digests.items()}
    options = dict(identity[OPTIONS])
    if identity[DIGESTS].get(MODEL) == beside[DIGESTS].get(MODEL):
        options.pop(MODEL, None)
    return {**identity, FILES: named, OPTIONS: options}
