"""What an audit is: how it is asked, the function of a batch, and what it makes of all batches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit import contract
from mmaudit.audits.declaration import Common
from mmaudit.engines.base import Work
from mmaudit.errors import UsageError
from mmaudit.inference.inputs import Inputs
from mmaudit.rows import Metric

FEWEST, MOST = 2, 1_000_000  # replicates of an interval


@dataclass(frozen=True, slots=True)
class Stage:
    """What a sweep that goes by stages asks next.

    Attributes:
        rows: Units, as ranges in the plan's order of the samples; None for all samples.
        conditions: Numbers of the conditions, rising; 0 is clean.
    """

    rows: tuple[range, ...] | None
    conditions: tuple[int, ...]


class Staging(Protocol):
    """Decides what is asked next from what was answered so far, and from nothing else."""

    @property
    def order(self) -> NDArray[np.int64] | None:
        """Positions of the selection in the order of the ranges; None for their own order."""
        ...

    @property
    def identity(self) -> Mapping[str, Any]:
        """Everything that its choices depend on beside the answers, for provenance."""
        ...

    def next(self, read: "Read", answered: Sequence[tuple[int, ...]]) -> Stage | None:
        """What to ask next; None when all is answered.

        Args:
            read: Reads back what was answered; a group is the number of a condition.
            answered: The conditions of each unit that was answered, in order.
        """
        ...

    def finish(self, outcome: "Outcome") -> "Outcome":
        """Add what was decided on the way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An audit made ready to run.

    Attributes:
        work: The function of a batch.
        says: Lines for the person who waits: what will be done, what was chosen for them.
        versions: Versions of the parts used, for provenance.
        options: What was chosen for the person, under the option's name, for provenance.
        plan: What to ask by stages; None to ask everything at once.
        tables: Makes further tables, by name, that need no answers; None where there are none.
        units: How many units there are, of one row each, where work is not cut by samples.
        costs: Tries what each of these takes here, in seconds, were so many samples audited; None
            where all take the same.
    """

    work: Work
    says: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    plan: Staging | None = None
    tables: Callable[[], Mapping[str, pa.Table]] | None = None
    units: int | None = None
    costs: Callable[[int], Sequence[float]] | None = None


class Read(Protocol):
    """How an audit reads back what its work made: the tables of the units, one after the other."""

    def __call__(
        self, columns: Sequence[str] | None = None, group: int | None = None, first: int = 0
    ) -> Iterator[pa.Table]:
        """Yield each unit's table, only some columns, only one row group if asked.

        Units before ``first`` are left out, and so are those without rows or without the group.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an audit makes of all its batches.

    Attributes:
        rows: Rows of the summary.
        headline: One plain sentence for a person who reads nothing else.
        notes: Further plain sentences: what was left out, what to beware of.
        metrics: What every metric of the rows means, in the order in which a report shows them.
        tables: Further tables by file name without ending, such as ``gallery``.
        files: Further files for other programs, by name, such as ``keep_ids.npy``.
        aside: Plain sentences of what was chosen and left out; ``notes`` has them too.
        untested: What was asked and not tested, so that the run has no answer; empty else.
    """

    rows: Sequence[Any]
    headline: str
    notes: tuple[str, ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    aside: tuple[str, ...] = ()
    untested: str = ""


class Audit(Protocol):
    """The module of an audit; its folder's name, or the module's, is the audit's name."""

    NEEDS_MODEL: bool
    Options: type[Common]  # how it is asked: flags, config keys, provenance
    Row: type  # a row of its summary, a dataclass with a `column` a field

    def prepare(self, options: Any, inputs: Inputs) -> Job:
        """Decide everything that concerns the whole set, and make the function of a unit."""
        ...

    def summarise(self, options: Any, inputs: Inputs, read: Read) -> Outcome:
        """Turn what the units answered into the summary and further tables."""
        ...


def check(name: str, part: object) -> None:
    """Refuse a module that is no audit.

    Raises:
        InputError: It lacks something; all of it is named.
    """
    contract.check("audits", name, part, Audit)


def check_replicates(count: int) -> None:
    """Refuse fewer bootstrap replicates than make an interval, and more than memory holds.

    Raises:
        UsageError: They are fewer than two, or more than `MOST`.
    """
    if count > MOST:
        raise UsageError(
            f"{count:,} bootstrap replicates, more than {MOST:,}", fix="--replicates 1000"
        )
    if count < FEWEST:
        raise UsageError(
            f"{count} bootstrap replicates make no interval",
            fix="--replicates 1000; fewer are faster and rougher",
        )
