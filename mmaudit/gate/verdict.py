"""The verdict: what a gate decided, check by check and row by row."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mmaudit.formats import interval, number
from mmaudit.gate.decisions.decide import Outcome
from mmaudit.rows import Estimate

Status = Literal["pass", "fail", "warn", "inconclusive"]
YES, NO, NO_ANSWER = 0, 1, 5
WORSENINGS = (  # ends of metrics
    *("_drop", "_rise", "_monotonicity_violations"),
    *("flip_rate", "destroyed_rate", "repaired_rate"),
)
AGAINST_BASELINE = "against the baseline"  # how such a quantity ends
DROPS_ONLY = (
    "These checks look at drops only: a model that ignores a modality passes them. Add a check of "
    "contributions, or of clean accuracy against a baseline: mmaudit gate RUN --suggest has both."
)
WORDS: tuple[tuple[Status, str], ...] = (
    ("fail", "failed"),
    ("inconclusive", "not decided"),
    ("warn", "with a warning"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One quantity against one limit.

    Attributes:
        label: Which row, in words: ``condition=image/motion_blur:3@image``.
        quantity: What was tested: ``accuracy``, ``drop of accuracy against clean``.
        kind: Kind of limit.
        limit: The limit.
        estimate: What was measured, at the check's confidence; None where it is missing.
        outcome: What was decided.
        needed: Samples that would decide it, where it is inconclusive and some number would.
        reason: Why it is missing, or what to know about the number.
        counts: What ``needed`` counts: ``samples``, ``groups``, of which slice.
    """

    label: str
    quantity: str
    kind: str
    limit: float
    estimate: Estimate | None
    outcome: Outcome
    needed: int | None = None
    reason: str = ""
    counts: str = "samples"


@dataclass(frozen=True, slots=True)
class Result:
    """One check, decided.

    Attributes:
        id: Name of the check.
        metric: Its selector, as written.
        level: Its level today, after a waiver.
        waived: Last day of the waiver that is in force, as ISO 8601; empty without one.
        aggregate: How its rows were joined.
        family: How many quantities were tested together.
        corrected: Whether failures among them were Holm-corrected.
        outcome: What the rows say.
        status: What that means for the gate.
        cells: The quantities, the worst first.
        max_failing_rows: How many of them may be past the limit.
        confidence: Level of the two-sided intervals, whose sides each have half of the rest.
        passed_over: Conditions that it meets by a pattern alone, and that changed no sample.
    """

    id: str
    metric: str
    level: str
    waived: str
    aggregate: str
    family: int
    corrected: bool
    outcome: Outcome
    status: Status
    cells: tuple[Cell, ...]
    max_failing_rows: int = 0
    confidence: float = 0.95
    passed_over: int = 0

    @property
    def aside(self) -> str:
        """How many conditions are passed over and why, in words; empty where none is."""
        n = self.passed_over
        return f"{n} condition{'s'[: n > 1]} passed over, which changed no sample" if n else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One gate, decided.

    Attributes:
        run: The run directory, as it was given.
        config: The gate file, as it was given.
        baseline: The baseline run, empty without one.
        strict: Whether warnings and open questions count as failures.
        results: The checks, in the order of the config.
        summaries: Digest of each summary that they are about, by its audit.
    """

    run: str
    config: str
    baseline: str
    strict: bool
    results: tuple[Result, ...]
    summaries: Mapping[str, str] = field(default_factory=dict)

    def having(self, status: Status) -> list[Result]:
        """The checks that have a status."""
        return [result for result in self.results if result.status == status]

    @property
    def exit_code(self) -> int:
        """0 if every check that counts passed, 1 if one failed, 5 if there is no answer.

        A gate in which no check was decided has no answer, whatever the levels are.
        """
        if self.having("fail"):
            return NO
        decided = any(result.outcome in {"pass", "fail"} for result in self.results)
        return NO_ANSWER if self.having("inconclusive") or not decided else YES

    @property
    def outcome(self) -> str:
        """``pass``, ``fail`` or ``inconclusive``, as the exit code says."""
        return {YES: "pass", NO: "fail", NO_ANSWER: "inconclusive"}[self.exit_code]

    @property
    def notes(self) -> tuple[str, ...]:
        """What the checks do not look at, each in a sentence or two."""
        cells = [cell for result in self.results for cell in result.cells]
        return (DROPS_ONLY,) if all(_is_drop(cell) for cell in cells) else ()

    @property
    def headline(self) -> str:
        """One sentence: how many checks failed, and which is the worst."""
        total = len(self.results)
        having = [(word, some) for status, word in WORDS if (some := self.having(status))]
        if not having:
            return f"all {total} checks pass" if total > 1 else "the check passes"
        counts = ", ".join(f"{len(some)} {word}" for word, some in having)
        worst = max(having[0][1], key=lambda result: distance(result.cells[0]))
        which = worst.cells[0].label or worst.cells[0].quantity
        return f"of {total} check{'s'[: total > 1]}: {counts}; worst: {worst.id} ({which})"


def _is_drop(cell: Cell) -> bool:
    """Whether a quantity is how much worse than clean something is."""
    if cell.kind.startswith("max_drop"):
        return not cell.quantity.endswith(AGAINST_BASELINE)
    return cell.quantity.endswith(WORSENINGS)


def distance(cell: Cell) -> float:
    """How far past its limit a quantity is, in half-widths of its interval."""
    if cell.estimate is None:
        return math.inf
    e, sign = cell.estimate, -1 if cell.kind == "min" else 1
    gap = sign * (e.value - cell.limit)
    half = abs(e.value - (e.low if sign > 0 else e.high))
    return gap / half if half > 0 else math.copysign(math.inf, gap) if gap else 0.0


def tells(cell: Cell) -> str:
    """One quantity in one line, for people."""
    sign = "≥" if cell.kind == "min" else "≤"
    limit = f"limit {sign} {number(cell.limit)}"
    if cell.estimate is None:
        return f"{cell.quantity}: {cell.reason} ({limit})"
    e = cell.estimate
    text = f"{cell.quantity} {interval(e.value, e.low, e.high)}, n = {e.n:,}"
    text += f"; {limit}"
    if cell.outcome == "inconclusive":
        more = f"about {cell.needed:,}" if cell.needed else "no known number of"
        more += f" {cell.counts}"
        text += f"; {more} would decide"
    return text + (f" ({cell.reason})" if cell.reason else "")


def printable(text: str) -> str:
    """Text for a log: characters that are not seen, or that steer a terminal, by code point."""
    return "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in text)
