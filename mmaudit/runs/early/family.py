"""A check under test: its rows, what was bet on each, and what is decided so far."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from mmaudit.measures.sequential import betting, families
from mmaudit.measures.sequential.betting import EARLY, Bets
from mmaudit.rows import column
from mmaudit.runs.early.cells import EarlyCell

PAST, OPEN, KEPT = families.PAST, families.OPEN, families.KEPT
OUTCOMES = {PAST: "fail", OPEN: "inconclusive", KEPT: "pass"}


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """What was decided about one row of one check."""

    check: str = column("name of the check")
    condition: str = column("what was done, as CORRUPTION:SEVERITY@MODALITY")
    slice: str = column("part of the samples, as NAME=VALUE; all for everything")
    quantity: str = column("what was tested")
    kind: str = column("kind of limit")
    limit: float = column("the limit")
    confidence: float = column("one minus the error level that the rows of the check share")
    family: int = column("rows of the check, each with each of its limits")
    outcome: str = column("pass, fail, or inconclusive where the samples did not suffice")
    early: bool = column("whether it was decided before the samples were used up")
    used: int = column("samples of the part that were looked at")
    samples: int = column("samples that the condition was asked about, of all parts")
    needed: int | None = column("samples that would decide it, where it is inconclusive")


@dataclass(slots=True)
class Family:
    """The rows of one check, decided together.

    Attributes:
        cells: The rows, each against one limit.
        states: Where the gamblers of each row stand.
        outcomes: What is decided: 1 past the limit, -1 kept, 0 open, ``(row,)``.
    """

    cells: tuple[EarlyCell, ...]
    states: list[Bets] = field(init=False)
    outcomes: NDArray[np.int8] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing was bet."""
        self.states = [betting.start(samples=cell.samples) for cell in self.cells]
        self.outcomes = np.zeros(len(self.cells), np.int8)

    @property
    def groups(self) -> set[int]:
        """Numbers of the conditions that are still needed."""
        pairs = zip(self.cells, self.outcomes, strict=True)
        return {cell.group for cell, outcome in pairs if outcome == OPEN}

    def look(self, tables: Mapping[int, pa.Table]) -> None:
        """Bet on the next samples of the rows that are open, and decide what can be.

        Args:
            tables: Answers to some samples by the number of the condition, clean among them.
        """
        for i, cell in enumerate(self.cells):
            if self.outcomes[i] == OPEN:
                x = cell.values(tables[0], tables[cell.group])[None]
                self.states[i] = betting.bet(self.states[i], x, cell.share)
        past, within, now = (np.array(logs) for logs in zip(*map(_logs, *self._all()), strict=True))
        self.outcomes = families.look(
            self.outcomes, now, past, within, alpha=EARLY * self._alpha, ready=self._ready
        )

    def end(self, counts: Mapping[int, int]) -> list[FamilyRow]:
        """What was decided when all that was to be asked was asked.

        Args:
            counts: Samples that each condition was asked about.
        """
        p = [_p_values(cell, state) for cell, state in zip(*self._all(), strict=True)]
        past, within = (np.array(side) for side in zip(*p, strict=True))
        rest = (1 - EARLY) * self._alpha
        final = families.end(self.outcomes, past, within, alpha=rest, ready=self._ready)
        return [self._row(i, OUTCOMES[int(final[i])], counts) for i in range(len(self.cells))]

    @property
    def _alpha(self) -> float:
        return self.cells[0].alpha

    @property
    def _ready(self) -> NDArray[np.bool_]:
        pairs = zip(*self._all(), strict=True)
        return np.array([state.n >= max(cell.min_n, 1) for cell, state in pairs])

    def _all(self) -> tuple[Sequence[EarlyCell], Sequence[Bets]]:
        return self.cells, self.states

    def _row(self, i: int, outcome: str, counts: Mapping[int, int]) -> FamilyRow:
        cell, state = self.cells[i], self.states[i]
        return FamilyRow(
            check=cell.check,
            condition=cell.condition,
            slice=cell.slice,
            quantity=cell.quantity,
            kind=cell.limit.kind,
            limit=cell.limit.value,
            confidence=1 - cell.alpha,
            family=len(self.cells),
            outcome=outcome,
            early=bool(self.outcomes[i]),
            used=state.n,
            samples=counts[cell.group],
            needed=_needed(cell, state) if outcome == OUTCOMES[OPEN] else None,
        )


def _logs(cell: EarlyCell, state: Bets) -> tuple[float, float, float]:
    """Largest log capital of those who bet on past, the same on kept, and the first now."""
    past, within = (state.best_above, state.best_below)[:: cell.limit.sign]
    now = state.above if cell.limit.sign > 0 else state.below
    return float(past[0]), float(within[0]), float(now[0])


def _p_values(cell: EarlyCell, state: Bets) -> tuple[float, float]:
    """One-sided p-values of "not past" and of "not kept", of all samples that were seen."""
    past, within = betting.p_values(state, cell.share)[:: cell.limit.sign]
    return float(past[0]), float(within[0])


def _needed(cell: EarlyCell, state: Bets) -> int | None:
    """Samples for the test at the end to decide an open row with the check's power."""
    if not state.n:
        return None
    gap = abs(float(state.mean[0]) - cell.share)
    alpha = (1 - EARLY) * cell.alpha
    quantile = -ndtri(alpha / 2) + ndtri(cell.power)
    number = float(state.variance[0]) * (quantile / gap) ** 2 if gap else math.inf
    return max(math.ceil(number), state.n + 1, cell.min_n) if math.isfinite(number) else None
