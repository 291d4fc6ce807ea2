"""Decisions: a quantity against a limit, by p-values at the limit, for one or a family of them.

A quantity *fails* where it is surely past the limit, *passes* where it surely is not, and is
*inconclusive* otherwise. In a family (every row under one check) failures are Holm-corrected
one-sided tests at half of the two-sided level, so that a family without a bad member fails with at
most that probability. A family passes only if every member passes, which needs no correction: to
pass wrongly, the bad member itself has to pass (Berger 1982, intersection-union test).

The p-values come from the samples where these were kept, and from the interval alone where they
were not; for a single quantity the decision is "the interval excludes the limit" in both cases.

References:
    Holm 1979, "A simple sequentially rejective multiple test procedure"; Berger 1982,
    "Multiparameter hypothesis testing and acceptance sampling", doi:10.2307/1267823
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mmaudit.bounds.corrections import holm
from mmaudit.gate.limits import Limit, excess
from mmaudit.gate.numbers.interval import Interval
from mmaudit.gate.numbers.quantity import Grounds
from mmaudit.rows import Estimate

Outcome = Literal["pass", "fail", "inconclusive", "missing"]
FINE = 1e-9  # of a p-value: what counts as being at the level


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one quantity.

    Attributes:
        outcome: Pass, fail or inconclusive.
        needed: Number of samples that would decide an inconclusive quantity with the stated
            power, at the spread seen; None where it is decided, or no number would.
        p_value: Of "not past the limit", before any correction.
    """

    outcome: Outcome
    needed: int | None = None
    p_value: float = 1.0


def decide(
    members: Sequence[tuple[Estimate, Limit, Grounds | None]],
    *,
    fail_when: str = "undecided",
    level: float = 0.95,
    power: float = 0.8,
    min_n: int = 1,
) -> list[Decision]:
    """Decide every member of a family.

    Args:
        members: Each quantity with its 95 % interval, its limit, and what it rests on beyond that.
        fail_when: What an interval that straddles the limit means; see `gate.config.Check`.
        level: Level of the two-sided intervals.
        power: Power for the needed number of samples.
        min_n: Fewer samples than this are never an answer.
    """
    tail = (1 - level) / 2
    tests = [grounds or Interval(estimate) for estimate, _, grounds in members]
    past = [t.p_past(limit) for t, (_, limit, _) in zip(tests, members, strict=True)]
    failing = [p < tail - FINE for p in holm(past)]
    share = tail / max(len(members) - sum(failing), 1)  # of the level, for the next to fail
    decisions = []
    for test, (estimate, limit, _), p, bad in zip(tests, members, past, failing, strict=True):
        good = not bad and test.p_within(limit) <= tail + FINE
        if fail_when == "point" or estimate.n < min_n or not (bad or good):
            one = share if excess(estimate, limit) > 0 else tail
            more = test.needed(limit, tail=one, power=power)
            # a family's correction can leave a member open that alone would be decided
            more = more and max(more, estimate.n + 1)
            made_of = unclear(estimate, limit, more, fail_when=fail_when, min_n=min_n)
            decisions.append(Decision(made_of.outcome, made_of.needed, p))
        else:
            decisions.append(Decision("fail" if bad else "pass", p_value=p))
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
