"""What a sweep that stopped where its checks were decided has settled already.

The interval of a row does not allow for when the row was stopped. So where a check was tested
sample by sample, the test's decision stands, and a row that was stopped for the sake of another
check is not decided by its interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmaudit.gate.config import Check
from mmaudit.gate.decisions.decide import Decision, Outcome, unclear
from mmaudit.gate.numbers.quantity import Quantity
from mmaudit.tables import store
from mmaudit.tables.run import Row

DECISIONS, ASKED = "decisions.parquet", "asked.parquet"
STOPPED = "stopped when other checks were decided: ask about all samples, or with this check"
OUTCOMES: Mapping[str, Outcome] = {"pass": "pass", "fail": "fail"}


@dataclass(frozen=True, slots=True)
class Settled:
    """What was decided, and which conditions were not asked about all samples.

    Attributes:
        decisions: Rows of the table of decisions, by what they decide.
        stopped: Names of the conditions that were stopped, and of series with such a one.
    """

    decisions: Mapping[tuple[Any, ...], Row] = field(default_factory=dict)
    stopped: frozenset[str] = frozenset()

    def decide(self, check: Check, quantity: Quantity, family: int) -> tuple[Decision, str] | None:
        """What is settled about a quantity, and how; None where its interval decides.

        Args:
            check: The check.
            quantity: What it tests.
            family: How many quantities it tests.
        """
        estimate, limit, rows = quantity.estimate, quantity.limit, quantity.rows
        if estimate is None or not any("condition" in row for row in rows):
            return None
        decision = self.decisions.get(
            _key(check.id, rows[0], quantity.name, limit.kind, limit.value)
        )
        if decision is not None and check.aggregate == "each" and _answers(decision, check, family):
            outcome = OUTCOMES.get(decision["outcome"])
            if outcome is not None:
                early = f"after {decision['used']:,} samples"
                when = early if decision["early"] else "when all were asked"
                return Decision(outcome), f"decided {when}"
            more, reason = decision["needed"], f"open after all {decision['used']:,} samples"
        elif self.stopped & {row.get("condition") for row in rows}:
            more, reason = None, STOPPED
        else:
            return None
        open_ = unclear(estimate, limit, more, fail_when=check.fail_when, min_n=check.min_n)
        return open_, reason


def read(run: Path, audit: str) -> Settled:
    """Read what an audit settled; nothing, where it asked about all samples.

    Raises:
        InputError: A table is damaged.
    """
    folder = run / audit
    if not (folder / DECISIONS).exists():
        return Settled()
    rows = store.read(folder / DECISIONS).to_pylist()
    stopped = [row for row in store.read(folder / ASKED).to_pylist() if row["stopped"]]
    names = {row[key] for row in stopped for key in ("condition", "series")}
    rest = ("quantity", "kind", "limit")
    return Settled(
        {_key(row["check"], row, *(row[name] for name in rest)): row for row in rows},
        frozenset(names - {""}),
    )


def _key(check: str, row: Row, *rest: Any) -> tuple[Any, ...]:
    return check, row["condition"], row["slice"], *rest


def _answers(decision: Row, check: Check, family: int) -> bool:
    """Whether a decision was made as strictly as the check asks."""
    sure = decision["confidence"] >= check.confidence - 1e-9
    return sure and decision["family"] >= family and decision["used"] >= check.min_n
