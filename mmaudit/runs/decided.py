"""``--until-decided``: a sweep asks block after block of samples until its checks are decided.

Samples come in the order of a keyed hash of their ids, a random order that is the same everywhere.
After every block of 256 each row of a check is tested by betting (`mmaudit.measures.betting`), at
80 % of its error level; what is open when the samples are used up is judged by the fixed-sample
interval at the other 20 %. A condition is asked until the last row that needs it is decided.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits._robustness.conditions import Condition
from mmaudit.audits._robustness.sweep import Sweep
from mmaudit.audits.base import Inputs, Job, Outcome, Plan, Read, Stage
from mmaudit.engines.base import ROWS
from mmaudit.errors import UsageError
from mmaudit.gate.config import Config
from mmaudit.measures import betting
from mmaudit.measures.betting import BLOCK, EARLY, Bets
from mmaudit.rows import column
from mmaudit.runs.tested import COLUMNS, SLICE, Cell, Tests, tests
from mmaudit.samples.dataset import PURPOSE
from mmaudit.seeds import digests
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance

TABLE = "decisions"
GROWTH = 16  # a stage has one block for every so many that were asked before it


@dataclass(frozen=True, slots=True)
class Row:
    """What was decided about one row of one check."""

    check: str = column("name of the check")
    condition: str = column("what was done, as CORRUPTION:SEVERITY@MODALITY")
    slice: str = column("part of the samples, as NAME=VALUE; all for everything")
    quantity: str = column("what was tested")
    kind: str = column("kind of limit")
    limit: float = column("the limit")
    outcome: str = column("pass, fail, or inconclusive where the samples did not suffice")
    early: bool = column("whether it was decided before the samples were used up")
    used: int = column("samples of the part that were looked at")
    samples: int = column("samples that the condition was asked about, of all parts")


def growth(taken: int) -> int:
    """Blocks of the next stage after so many samples: the more were needed, the more are next."""
    return max(1, taken // BLOCK // GROWTH)


@dataclass(slots=True)
class _Bet:
    """One row under test."""

    cell: Cell
    state: Bets = field(default_factory=betting.start)
    told: int = 0  # 1 above the limit, -1 below it, 0 open

    def look(self, clean: pa.Table, table: pa.Table) -> None:
        """Bet on the next samples, unless it is decided."""
        if not self.told:
            cell = self.cell
            self.state = betting.bet(self.state, cell.values(clean, table)[None], cell.share)
            if self.state.n >= cell.min_n:
                self.told = int(betting.decided(self.state, EARLY * cell.alpha)[0])

    def row(self, samples: int) -> Row:
        """What was decided when all that was to be asked was asked."""
        cell, told = self.cell, self.told
        if not told and self.state.n >= max(cell.min_n, 1):
            rest = (1 - EARLY) * cell.alpha
            told = int(betting.at_the_end(self.state, cell.share, rest)[0])
        outcomes = {0: "inconclusive", cell.limit.sign: "fail", -cell.limit.sign: "pass"}
        return Row(
            check=cell.check,
            condition=cell.condition,
            slice=cell.slice,
            quantity=cell.quantity,
            kind=cell.limit.kind,
            limit=cell.limit.value,
            outcome=outcomes[told],
            early=bool(self.told),
            used=self.state.n,
            samples=samples,
        )


@dataclass(slots=True)
class UntilDecided:
    """The plan: blocks of samples, under the conditions that are still needed.

    Attributes:
        asked_for: What the checks ask of the sweep.
        conditions: The conditions of the sweep, clean first.
        order: Positions of the selection in the order of the keyed hash.
        checks: What was checked, for provenance.
        bets: The rows under test, by the number of their condition.
        seen: Units whose answers were looked at.
        counted: Samples that each condition was asked about.
    """

    asked_for: Tests
    conditions: tuple[Condition, ...]
    order: NDArray[np.int64]
    checks: tuple[str, ...]
    bets: dict[int, list[_Bet]] = field(init=False)
    seen: int = 0
    taken: int = 0
    counted: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Start every bet."""
        self.bets = {}
        for cell in self.asked_for.cells:
            self.bets.setdefault(cell.group, []).append(_Bet(cell))

    @property
    def identity(self) -> Mapping[str, Any]:
        """The checks, and how samples are looked at."""
        return {"until_decided": {"checks": self.checks, "block": BLOCK, "early": EARLY}}

    def next(self, read: Read, asked: Sequence[tuple[int, ...]]) -> Stage | None:
        """Look at what is new, and ask on where something is open."""
        if self.seen < len(asked):
            self._look(read, asked[-1])
            self.seen = len(asked)
        running = {g for g, bets in self.bets.items() if any(not bet.told for bet in bets)}
        needed = running | self.asked_for.full
        left = len(self.order) - self.taken
        if not left or not needed:
            return None
        size = BLOCK if running else ROWS
        blocks = growth(self.taken) if running else left
        starts = range(self.taken, len(self.order), size)[:blocks]
        rows = tuple(range(s, min(s + size, len(self.order))) for s in starts)
        self.taken = rows[-1].stop
        return Stage(rows, tuple(sorted({0} | needed)))

    def _look(self, read: Read, groups: Sequence[int]) -> None:
        """Bet on the answers of one stage, block by block."""
        slices = {SLICE + c.slice.partition("=")[0] for c in self.asked_for.cells}
        columns = [*COLUMNS, *sorted(slices - {SLICE + "all"})] if self.bets else ["id"]
        clean = list(read(columns, 0, self.seen))
        for group in groups:
            bets = self.bets.get(group, [])
            tables = clean if group == 0 or not bets else list(read(columns, group, self.seen))
            self.counted[group] += sum(table.num_rows for table in tables)
            for bet in bets:
                for start, table in zip(clean, tables, strict=True):
                    bet.look(start, table)

    def finish(self, outcome: Outcome) -> Outcome:
        """Add the decisions, and say how many samples they took."""
        rows = [bet.row(self.counted[g]) for g, bets in self.bets.items() for bet in bets]
        table = to_table(rows, Row, Provenance(audit="robustness"))
        return replace(
            outcome,
            notes=(*outcome.notes, *self._notes(rows)),
            tables={**outcome.tables, TABLE: table},
        )

    def _notes(self, rows: Sequence[Row]) -> list[str]:
        n, asked = self.counted[0], sum(self.counted.values())
        early = [row.used for row in rows if row.early]
        every = len(self.order) * len(self.conditions)
        span = " to ".join(f"{n:,}" for n in sorted({min(early), max(early)})) if early else ""
        after = f", after {span} samples" if early else ""
        decided = f"{len(early)} of {len(rows)} tested rows were decided early{after}"
        sizes = Counter(count for group, count in self.counted.items() if group)
        spread = ", ".join(f"{sizes[size]:,} about {size:,}" for size in sorted(sizes))
        fewer = f"{asked:,} answers instead of {every:,} ({every / max(asked, 1):.1f}x fewer)"
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


def until_decided(gate: Config, job: Job, inputs: Inputs) -> Plan | None:
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
    found = tests(gate.checks, conditions, inputs, job.work.task.kind)
    ids = inputs.dataset.column("id").to_pylist()
    keys = digests(job.work.cells.seed, PURPOSE, ids)
    told = [
        f"{c.check}: {c.label} {c.quantity} {c.limit.kind} {c.limit.value!r} at {c.alpha!r} "
        f"from {c.min_n}"
        for c in found.cells
    ]
    return UntilDecided(
        asked_for=found,
        conditions=conditions,
        order=np.argsort(keys, kind="stable"),
        checks=(*told, *(f"in the end: {name}" for name in found.late)),
    )
