"""Rows that one check joins: their mean, or the worst of them.

Where the answers of the samples are there, the rows are drawn together
(`mmaudit.gate.numbers.draws`), and their own intervals are joined by what the draws say of each
other. Where they are not, the joined interval holds whatever the rows have to do with each
other, and is wider.

The interval of the *worst* is not that of the largest draw: the largest of several like rows is
too large already, and the largest of their draws is so twice. Its near end is the smallest worst
that the rows allow together; its far end is the farthest of the rows' far ends, since the truly
worst row is below its own (Berger 1982).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from mmaudit.gate.config import Check
from mmaudit.gate.limits import STORED, Limit, excess
from mmaudit.gate.numbers.apart import BIASED
from mmaudit.gate.numbers.interval import Interval
from mmaudit.gate.numbers.quantity import Grounds, Quantity
from mmaudit.rows import WORSENINGS, Estimate

SAMPLE_BY_SAMPLE = "the mean of the rows, sample by sample"
TOGETHER = "joined by a bootstrap of the samples that the rows share"
ADDS_UP = "noise makes each of them too large"
APART = "joined from the intervals of the rows alone, so wider"
Draw = Callable[[Sequence[Quantity]], Any]  # draws (quantity, replicate), or why there are none
Whole = Callable[[Sequence[Quantity]], tuple[Estimate, Grounds] | None]


def no_mean(members: Sequence[Quantity]) -> None:
    """Rows against a baseline are drawn together, not joined sample by sample."""
    del members


def joined(
    check: Check, quantities: Sequence[Quantity], draw: Draw, whole: Whole
) -> list[Quantity]:
    """One quantity for each limit of a check; a missing member makes the whole missing.

    Args:
        check: The check.
        quantities: Its rows, each against each limit.
        draw: Draws rows together, or says why it cannot.
        whole: The mean of rows sample by sample, or None where it is not known.
    """
    return [
        _joined(
            check, [q for q in quantities if q.limit.kind == kind], Limit(kind, value), draw, whole
        )
        for kind, value in check.limits
    ]


def _joined(
    check: Check, members: Sequence[Quantity], limit: Limit, draw: Draw, exact: Whole
) -> Quantity:
    rows = tuple(row for q in members for row in q.rows)
    name = f"{check.aggregate} of {len(members)}: {members[0].name}"
    idle = next((q.untested for q in members if q.untested), "")
    whole = Quantity("", name, limit, None, rows=rows, untested=idle)
    gone = [q for q in members if q.estimate is None]
    if gone:
        reason = f"{len(gone)} of {len(members)} missing, {gone[0].label}: {gone[0].reason}"
        return replace(whole, reason=reason.replace(", :", ":"))
    estimates = [q.estimate for q in members if q.estimate is not None]
    if len(members) == 1:
        (q,) = members
        return replace(whole, estimate=q.estimate, reason=q.reason, grounds=q.grounds)
    if check.aggregate == "mean":
        sampled = exact(members)
        if sampled is not None:
            return replace(whole, estimate=sampled[0], grounds=sampled[1], reason=SAMPLE_BY_SAMPLE)
    biased = check.aggregate == "mean" and any(_biased(q) for q in members)
    draws = ADDS_UP if biased else draw(members)
    reason = "" if draws is None else TOGETHER
    if isinstance(draws, str):
        draws, reason = None, f"{APART}: {draws}"
    if check.aggregate == "mean":
        return replace(whole, estimate=mean(estimates, draws), reason=reason)
    first = max(members, key=lambda q: excess(q.estimate, limit) if q.estimate else 0.0)
    estimate = worst(estimates, limit.sign, draws)
    return replace(whole, label=first.label, estimate=estimate, reason=reason)


def _biased(member: Quantity) -> bool:
    """Whether a row, or the drop that it is, is of a metric that noise moves to one side."""
    return any(
        row["metric"] in {m, f"{m}{w}"}
        for row in member.rows
        for m in BIASED
        for w in WORSENINGS.values()
    )


def mean(estimates: Sequence[Estimate], draws: Any = None) -> Estimate:
    """Mean of quantities measured on the same samples.

    Without draws its interval is never too narrow: the standard deviation of a mean is at most the
    mean of the standard deviations, with equality where all move together. With draws the ends are
    those of Zou and Donner (2008): the rows' own half-widths, joined by their correlation.

    Args:
        estimates: The quantities with 95 % intervals, one or more.
        draws: The quantities in replicates that they share, ``(quantity, replicate)``.
    """
    k, n = len(estimates), min(e.n for e in estimates)
    value = math.fsum(e.value for e in estimates) / k
    sides = [[e.value - e.low for e in estimates], [e.high - e.value for e in estimates]]
    if draws is None:
        low, high = (math.fsum(side) / k for side in sides)
    else:
        from mmaudit.gate.numbers.draws import together  # noqa: PLC0415  NumPy, where there are draws

        low, high = (together(draws, side) for side in sides)
    return Estimate(value, value - low, value + high, n)


def worst(estimates: Sequence[Estimate], sign: int, draws: Any = None) -> Estimate:
    """The worst of quantities.

    The far end is the farthest of the far ends. The near end is the farthest of the near ends
    after Bonferroni's correction, or with draws as far as these allow.

    Args:
        estimates: The quantities with 95 % intervals, one or more.
        sign: +1 where high is bad, -1 where low is bad.
        draws: The quantities in replicates that they share, ``(quantity, replicate)``.
    """
    if sign < 0:
        turned = worst([_turned(e) for e in estimates], 1, None if draws is None else -draws)
        return _turned(turned)
    value, high = (max(getattr(e, side) for e in estimates) for side in ("value", "high"))
    level = 1 - (1 - STORED) / len(estimates)
    low = max(Interval(e).ends(level)[0] for e in estimates)
    if draws is not None:
        from mmaudit.gate.numbers.draws import nearest  # noqa: PLC0415  NumPy, where there are draws

        near, far = [e.value - e.low for e in estimates], [e.high - e.value for e in estimates]
        within = (low, max(e.low for e in estimates))
        low = nearest([e.value for e in estimates], near, far, draws, within)
    return Estimate(value, low, high, min(e.n for e in estimates))


def _turned(e: Estimate) -> Estimate:
    return Estimate(-e.value, -e.high, -e.low, e.n)
