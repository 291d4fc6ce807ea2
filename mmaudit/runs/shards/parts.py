"""The parts of one job: whether they belong together, are all there, finished and whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.aside import ENDING
from mmaudit.engines.base import FILES, PLAN, differences
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.formats import many
from mmaudit.injection.record import listing
from mmaudit.runs.shards.part import DIGESTS, OPTIONS, JobPart, read
from mmaudit.runs.shards.request import JobRequest
from mmaudit.tables.log import SAMPLES

MODEL = "model"  # among the options and the digests of a plan
LISTED = 6  # shards that a refusal names


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
                path = part.unit(number)
                files.link(path, folder / SAMPLES / path.name)
                beside = path.with_suffix(ENDING)
                if beside.exists():
                    files.link(beside, folder / SAMPLES / beside.name)

    def place_copy(self, out: Path, tables: Path, workers: int) -> None:
        """Give the files of a copy a place in it.

        Args:
            out: Folder of the copy.
            tables: The folder in it of the units' tables, which come last: a unit whose table is
                there is taken for whole.
            workers: How many files are read at a time.

        Raises:
            InputError: A file of a part is not what was written, or two parts have another file
                of one name.
        """
        every: dict[str, str] = {}
        for part in self.parts:
            hashes = part.listed()
            listing.check(part.folder, hashes, workers, part.anew)
            for name, digest in hashes.items():
                if every.setdefault(name, digest) != digest:
                    raise InputError(
                        f"two parts have another file of this name: {name}",
                        where=str(part.folder),
                        fix=part.anew,
                    )
        units = tables.relative_to(out).as_posix()
        for last in (False, True):
            for part in self.parts:
                for name in part.listed():
                    if (Path(name).parent.as_posix() == units) == last:
                        files.link(part.folder / name, out / name)


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
    parts = [read(folder, path) for path in sorted(folder.glob(f"*/{PLAN}"))]
    if not parts:
        raise InputError(
            "no part of a run: nothing has begun in it",
            where=str(folder),
            fix="a folder that a command with --shard wrote",
        )
    return parts


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
    for part in parts:
        part.require_finished()
    return JobParts(name, parts)


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
