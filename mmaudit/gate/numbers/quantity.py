"""What a check tests: one number with its interval, and the limit it must keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmaudit.gate.decide import Limit
from mmaudit.rows import Estimate


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
    """

    label: str
    name: str
    limit: Limit
    estimate: Estimate | None
    reason: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()


def label(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    """Name a row: its condition, or its keys where it has none, and a slice that is not all."""
    keys = [c for c in columns if c not in {"metric", "estimate", "slice"}]
    text = row.get("condition") or ", ".join(f"{c}={row[c]}" for c in keys if row[c] is not None)
    return f"{text}, slice={row['slice']}" if row.get("slice", "all") != "all" else str(text)
