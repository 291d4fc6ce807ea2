"""What a check tests: one number with its interval, the limit it must keep, and the test of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mmaudit.gate.limits import Limit
from mmaudit.names import ALL
from mmaudit.rows import Estimate


class Grounds(Protocol):
    """What a number rests on: it says how surely the number is on a side of a limit."""

    @property
    def counts(self) -> str:
        """What its ``n`` counts: samples, or groups."""
        ...

    def p_past(self, limit: Limit) -> float:
        """P-value of "not past the limit": small where it surely is."""
        ...

    def p_within(self, limit: Limit) -> float:
        """P-value of "past the limit": small where it surely is not; the limit itself is within."""
        ...

    def ends(self, level: float) -> tuple[float, float]:
        """The two-sided interval of a level."""
        ...

    def needed(self, limit: Limit, *, tail: float, power: float) -> int | None:
        """Units for the test that has begun to lean to decide with a power; None if none would."""
        ...


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number against one limit, before it is decided.

    Attributes:
        label: Which row, in words.
        name: What is tested.
        limit: The limit.
        estimate: What was measured, with its 95 % interval; None where there is nothing to test.
        reason: Why there is nothing, or what to know about the number.
        rows: The rows of the summary that it is about.
        grounds: What it rests on beyond the interval; None where that is all there is.
        untested: Why it cannot pass, whatever it is; empty where it can.
    """

    label: str
    name: str
    limit: Limit
    estimate: Estimate | None
    reason: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()
    grounds: Grounds | None = None
    untested: str = ""

    @property
    def part(self) -> str:
        """The slice whose samples it is about; empty where it is of all samples."""
        parts = {str(row.get("slice") or ALL) for row in self.rows} - {ALL}
        return parts.pop() if len(parts) == 1 else ""


def label(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    """Name a row: its condition, or the keys that say something, and a slice that is not all.

    Empty for all samples of an audit whose rows have no keys.
    """
    keys = [c for c in columns if c not in {"metric", "estimate", "slice"}]
    named = row.get("condition") or ", ".join(
        f"{c}={row[c]}" for c in keys if row[c] is not None and row[c] != ""
    )
    part = f"slice={row['slice']}" if row.get("slice", ALL) != ALL else ""
    return ", ".join(filter(None, (named, part)))
