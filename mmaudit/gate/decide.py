"""Decisions: an interval against a limit, for one quantity or a family of them.

A quantity *fails* when its interval lies on the wrong side of the limit, *passes* when it lies on
the right side, and is *inconclusive* otherwise. In a family (every row under one check) failures
are Holm-corrected one-sided tests at half of the two-sided level, so that a family without a bad
member fails with at most that probability. A family passes only if every member passes, which
needs no correction: to pass wrongly, the bad member itself has to pass (Berger 1982, intersection-
union test).

The tests are read off the intervals: the standard error toward the limit is the half-width on that
side over the normal quantile, so an asymmetric interval gives an asymmetric test, and for a single
quantity the decision is exactly "the interval excludes the limit".

References:
    Holm 1979, "A simple sequentially rejective multiple test procedure"; Berger 1982,
    "Multiparameter hypothesis testing and acceptance sampling", doi:10.2307/1267823
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mmaudit.corrections import holm
from mmaudit.rows import Estimate

Outcome = Literal["pass", "fail", "inconclusive", "missing"]
STORED = 0.95  # level of the intervals in tables


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that a quantity must not cross.

    Attributes:
        kind: Which limit of a check it is: ``min``, ``max``, ``max_drop`` or ``max_drop_rel``.
        value: The number.
    """

    kind: str
    value: float

    @property
    def sign(self) -> int:
        """+1 where crossing means being above, -1 where it means being below."""
        return -1 if self.kind == "min" else 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one quantity.

    Attributes:
        outcome: Pass, fail or inconclusive.
        needed: Number of samples that would decide an inconclusive quantity with the stated
            power, at the spread seen; None where it is decided, or no number would.
    """

    outcome: Outcome
    needed: int | None = None


@cache
def z(level: float) -> float:
    """Normal quantile of a two-sided level: 1.96 for 0.95."""
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    return NormalDist().inv_cdf((1 + level) / 2)


def at_level(estimate: Estimate, level: float) -> Estimate:
    """The same estimate with an interval of another level, by the normal ratio of each side."""
    if level == STORED:
        return estimate
    ratio = z(level) / z(STORED)
    value = estimate.value
    return Estimate(
        value,
        value - (value - estimate.low) * ratio,
        value + (estimate.high - value) * ratio,
        estimate.n,
    )


def excess(estimate: Estimate, limit: Limit) -> float:
    """How far the estimate is past the limit; negative on the right side."""
    return limit.sign * (estimate.value - limit.value)


def p_bad(estimate: Estimate, limit: Limit) -> float:
    """One-sided p-value of "the quantity is not past the limit", from a 95 % interval."""
    near = estimate.low if limit.sign > 0 else estimate.high
    gap, spread = excess(estimate, limit), abs(estimate.value - near) / z(STORED)
    if spread == 0:
        return 0.0 if gap > 0 else 1.0
    return 0.5 * math.erfc(gap / spread / math.sqrt(2))


def needed(estimate: Estimate, limit: Limit, *, level: float, power: float) -> int | None:
    """Samples for a two-sided test of ``level`` to decide with ``power`` at the spread seen.

    n = ((z_{1-a/2} + z_{power}) sd / |value - limit|)^2; None if no number would.
    """
    gap = excess(estimate, limit)
    if gap == 0:
        return None
    past = (limit.sign > 0) == (gap > 0)
    spread = abs(estimate.value - (estimate.low if past else estimate.high)) / z(STORED)
    quantile = z(level) + z(2 * power - 1) if power > 0.5 else z(level)
    number = estimate.n * (quantile * spread / gap) ** 2
    return math.ceil(number) if math.isfinite(number) else None


def decide(
    pairs: Sequence[tuple[Estimate, Limit]],
    *,
    fail_when: str = "undecided",
    level: float = 0.95,
    power: float = 0.8,
    min_n: int = 1,
) -> list[Decision]:
    """Decide every member of a family.

    Args:
        pairs: Each quantity with its 95 % interval, and its limit.
        fail_when: What an interval that straddles the limit means; see `gate.config.Check`.
        level: Level of the two-sided intervals.
        power: Power for the needed number of samples.
        min_n: Fewer samples than this are never an answer.
    """
    alpha = (1 - level) / 2
    failing = [p < alpha for p in holm([p_bad(e, limit) for e, limit in pairs])]
    decisions = []
    for (estimate, limit), bad in zip(pairs, failing, strict=True):
        good = _within(at_level(estimate, level), limit)
        if fail_when == "point" or estimate.n < min_n or not (bad or good):
            more = needed(estimate, limit, level=level, power=power)
            # a family's correction can leave a member open that alone would be decided
            more = more and max(more, estimate.n + 1)
            decisions.append(unclear(estimate, limit, more, fail_when=fail_when, min_n=min_n))
        else:
            decisions.append(Decision("fail" if bad else "pass"))
    return decisions


def unclear(
    estimate: Estimate, limit: Limit, more: int | None, *, fail_when: str, min_n: int
) -> Decision:
    """What it means for a quantity that its interval does not decide.

    Args:
        estimate: The quantity.
        limit: Its limit.
        more: Samples that would decide it.
        fail_when: What an interval that straddles the limit means.
        min_n: Fewer samples than this are never an answer.
    """
    if estimate.n < min_n:
        return Decision("inconclusive", min_n)
    if fail_when == "undecided":
        return Decision("inconclusive", more)
    bad = excess(estimate, limit) > 0 if fail_when == "point" else fail_when == "possible"
    return Decision("fail" if bad else "pass")


def _within(estimate: Estimate, limit: Limit) -> bool:
    if limit.sign > 0:
        return estimate.high <= limit.value
    return estimate.low >= limit.value
