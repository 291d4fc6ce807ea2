"""Shards: the units of a job, shared out to machines that do not know one another.

The folder that one of them writes is a part: answers of some units and no summary. Its plan is that
of the whole job, and says besides which shard it is and what was asked for, so that whoever joins
the parts need not say it again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from mmaudit import files
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.tables.log import PLAN

T = TypeVar("T")
SHARD, REQUEST = "shard", "request"  # of a plan: which one it is of; all that was asked for
FORM = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True, slots=True, order=True)
class JobShard:
    """One of several shares of a job's units: every so many, from its own number on.

    Attributes:
        number: Which one, from 1.
        count: How many there are.

    Example:
        >>> [JobShard.of(f"{i}/3").share(range(7)) for i in (1, 2, 3)]
        [range(0, 7, 3), range(1, 7, 3), range(2, 7, 3)]
    """

    number: int
    count: int

    @classmethod
    def of(cls, text: str) -> Self:
        """The shard that a flag names, as ``1/4``.

        Raises:
            UsageError: It names none.
        """
        numbers = FORM.fullmatch(text)
        shard = cls(int(numbers[1]), int(numbers[2])) if numbers else None
        if shard is None or not 1 <= shard.number <= shard.count:
            raise UsageError(
                f"{text!r} is no shard: they are numbered from 1, as 1/4, 2/4, 3/4, 4/4",
                fix="--shard 1/4",
            )
        return shard

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def share(self, units: Sequence[T]) -> Sequence[T]:
        """Those of all units, in order, that are its own."""
        return units[self.number - 1 :: self.count]

    @property
    def all(self) -> tuple["JobShard", ...]:
        """All of its job."""
        return tuple(JobShard(number, self.count) for number in range(1, self.count + 1))


def shard_of(plan: Mapping[str, Any]) -> JobShard | None:
    """Which shard a plan is of; None where it is of a whole job."""
    text = plan.get(SHARD)
    return JobShard.of(text) if isinstance(text, str) else None


def require_whole(run: Path, audits: Sequence[str]) -> None:
    """Refuse a folder in which an audit is one shard of a job: it has no answer yet.

    Args:
        run: The folder.
        audits: Its audits that are begun and not finished.

    Raises:
        IncompleteError: One of them is.
    """
    for audit in audits:
        path = run / audit / PLAN
        plan = files.read_json(path, "the plan of the run", fix="remove this folder")
        shard = shard_of(plan)
        if shard is not None:
            job = str(plan.get(REQUEST, {}).get("job", audit)).replace("_", "-")
            raise IncompleteError(
                f"this is part {shard} of what {job} does, and has no answer yet",
                where=str(run),
                fix=f"mmaudit merge RUN PART …, with all {shard.count} parts; then the same on RUN",
            )
