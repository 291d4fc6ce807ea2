"""``--until-decided``: a sweep asks block after block of samples until its checks are decided.

Samples come in the order of a keyed hash of their ids, a random order that is the same everywhere.
After every block of 128 the rows of each check are tested by betting
(`mmaudit.measures.sequential.families`) at 80 % of its error level; what is open when the samples
are used up is judged by the fixed-sample test at the other 20 %. A condition is asked until the
last row that needs it is decided.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.audits.base import Job, Outcome, Read, Stage, Staging
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.sweep import Sweep
from mmaudit.engines.base import ROWS
from mmaudit.errors import UsageError
from mmaudit.gate.config import Config
from mmaudit.inference.inputs import Inputs
from mmaudit.measures.sequential.betting import BLOCK, EARLY
from mmaudit.names import ALL, slice_value
from mmaudit.rows import column
from mmaudit.runs.early.cells import AUDIT, COLUMNS, Tests, tests
from mmaudit.runs.early.family import Family, FamilyRow
from mmaudit.samples.dataset import PURPOSE
from mmaudit.seeds import digests
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance

DECISIONS, ASKED = "decisions", "asked"  # tables
GROWTH = 16  # a stage has one block for every so many that were asked before it


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many samples one condition was asked about."""

    condition: str = column("what was done, as CORRUPTION:SEVERITY@MODALITY")
    series: str = column("the condition without its severity; empty where it has none")
    samples: int = column("samples that it was asked about", unit="samples")
    of: int = column("samples that there are", unit="samples")
    stopped: bool = column("whether its checks were decided before the samples were used up")


def growth(taken: int) -> int:
    """Blocks of the next stage after so many samples: the more were needed, the more are next."""
    return max(1, taken // BLOCK // GROWTH)


@dataclass(slots=True)
class UntilDecided:
    """The plan: blocks of samples, under the conditions that are still needed.

    Attributes:
        asked_for: What the checks ask of the sweep.
        conditions: The conditions of the sweep, clean first.
        order: Positions of the selection in the order of the keyed hash.
        checks: What was checked, for provenance.
        families: The checks under test.
        looked: Units whose answers were looked at.
        taken: Samples that were asked about.
        reached: The same for each condition, by its number.
        counted: Samples that each condition was answered for.
    """

    asked_for: Tests
    conditions: tuple[Condition, ...]
    order: Ints
    checks: tuple[str, ...]
    families: tuple[Family, ...] = field(init=False)
    looked: int = 0
    taken: int = 0
    reached: dict[int, int] = field(default_factory=dict)
    counted: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Start every bet."""
        grouped = groupby(self.asked_for.cells, key=lambda cell: cell.check)
        self.families = tuple(Family(tuple(cells)) for _, cells in grouped)

    @property
    def identity(self) -> Mapping[str, Any]:
        """The checks, and how samples are looked at."""
        return {"until_decided": {"checks": self.checks, "block": BLOCK, "early": EARLY}}

    def next(self, read: Read, answered: Sequence[tuple[int, ...]]) -> Stage | None:
        """Look at what is new, and ask on where something is open."""
        if self.looked < len(answered):
            self._look(read, answered[-1])
            self.looked = len(answered)
        running = {group for family in self.families for group in family.groups}
        needed = running | self.asked_for.full
        rest = len(self.order) - self.taken
        if not rest or not needed:
            return None
        size = BLOCK if running else ROWS
        blocks = growth(self.taken) if running else rest
        starts = range(self.taken, len(self.order), size)[:blocks]
        rows = tuple(range(s, min(s + size, len(self.order))) for s in starts)
        self.taken = rows[-1].stop
        groups = tuple(sorted({0} | needed))
        self.reached |= dict.fromkeys(groups, self.taken)
        return Stage(rows, groups)

    def _look(self, read: Read, groups: Sequence[int]) -> None:
        """Bet on the answers of one stage, block by block."""
        slices = {slice_value(c.slice)[0] for c in self.asked_for.cells if c.slice != ALL}
        columns = [*COLUMNS, *sorted(slices)] if self.families else ["id"]
        answers = [read(columns, group, self.looked) for group in groups]
        for block in zip(*answers, strict=True):
            tables = dict(zip(groups, block, strict=True))
            self.counted.update({group: table.num_rows for group, table in tables.items()})
            for family in self.families:
                family.look(tables)

    def finish(self, outcome: Outcome) -> Outcome:
        """Add the decisions, and say how many samples they took."""
        rows = [row for family in self.families for row in family.end(self.counted)]
        provenance = Provenance(audit=AUDIT)
        return replace(
            outcome,
            notes=(*outcome.notes, *self._notes(rows)),
            tables={
                **outcome.tables,
                DECISIONS: to_table(rows, FamilyRow, provenance),
                ASKED: to_table(self._coverage(), Coverage, provenance),
            },
        )

    def _coverage(self) -> list[Coverage]:
        every = len(self.order)
        return [
            Coverage(
                condition=c.name,
                series=c.series if c.severity is not None else "",
                samples=self.counted[group],
                of=every,
                stopped=self.reached.get(group, 0) < every,
            )
            for group, c in enumerate(self.conditions)
        ]

    def _notes(self, rows: Sequence[FamilyRow]) -> list[str]:
        n, answers = self.counted[0], sum(self.counted.values())
        early = [row.used for row in rows if row.early]
        every = len(self.order) * len(self.conditions)
        span = " to ".join(f"{n:,}" for n in sorted({min(early), max(early)})) if early else ""
        after = f", after {span} samples" if early else ""
        decided = f"{len(early)} of {len(rows)} tested rows were decided early{after}"
        sizes = Counter(count for group, count in self.counted.items() if group)
        spread = ", ".join(f"{sizes[size]:,} about {size:,}" for size in sorted(sizes))
        fewer = f"{answers:,} answers instead of {every:,} ({every / max(answers, 1):.1f}x fewer)"
        notes = [
            f"Asked until decided: {decided}.",
            f"It took {fewer}.",
            f"Clean was asked about {n:,} of {len(self.order):,} samples; others: {spread or '-'}.",
        ]
        if rows:
            notes.append(
                "Whether a row that was stopped early keeps its limit is told by the table "
                "decisions; its interval in the summary is that of the samples it had, and does "
                "not allow for when it was stopped."
            )
        if self.asked_for.silent:
            notes.append(
                f"{self.asked_for.silent} conditions that no check mentions were asked about all "
                "samples."
            )
        if self.asked_for.late:
            notes.append(
                "Decided only in the end, since not every row is a mean of bounded numbers of "
                f"single samples that stands alone: {', '.join(self.asked_for.late)}."
            )
        return notes


def until_decided(gate: Config, job: Job, inputs: Inputs) -> Staging | None:
    """The plan of a sweep; None for an audit that is not one.

    Args:
        gate: The checks.
        job: The audit, ready to run.
        inputs: What it looks at.

    Raises:
        UsageError: The sweep looks for breaking points.
    """
    if not isinstance(job.work, Sweep):
        return None
    if job.plan is not None:
        raise UsageError(
            "a sweep that looks for breaking points cannot also stop where checks are decided",
            fix="leave out breaking_point, or --until-decided",
        )
    conditions = job.work.cells.conditions
    tested = tests(gate.checks, conditions, inputs, job.work.task.kind)
    ids = inputs.dataset.column("id").to_pylist()
    keys = digests(job.work.cells.seed, PURPOSE, ids)
    checks = [
        f"{c.check}: {c.label} {c.quantity} {c.limit.kind} {c.limit.value!r} at {c.alpha!r} "
        f"from {c.min_n}"
        for c in tested.cells
    ]
    return UntilDecided(
        asked_for=tested,
        conditions=conditions,
        order=np.argsort(keys, kind="stable"),
        checks=(*checks, *(f"in the end: {name}" for name in tested.late)),
    )
