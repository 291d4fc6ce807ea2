"""The breaking point of a severity curve: where it crosses a limit, between the severities asked.

The curve is drawn straight from clean data (severity 0) through the severities that were asked,
and the first place at which it is worse than the limit is the breaking point. Its interval is where
the ends of the curve's own intervals cross the limit. Severities are found by bisection: the one in
the middle, then one half of the rest.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures.intervals.evidence import By
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.tasks.severity.curves import Curve, Derived, drop

SEVERITIES = (1, 2, 3, 4, 5)
DROP = "drop:"
DERIVED = {
    "_breaking_point": Derived(
        "severity at which it crosses the limit",
        "severity",
        "higher",
        lambda _: (0.0, float(SEVERITIES[-1])),
    ),
    "_breaking_epsilon": Derived(
        "radius of the attack at which it crosses the limit, in 1/255 of the span of pictures and "
        "as a share of the norm of other values",
        "",
        "higher",
        lambda _: (0.0, math.inf),
    ),
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a curve must not cross.

    Attributes:
        value: A value of the metric, or how much worse than clean it may be.
        drop: Whether it is the latter.
    """

    value: float
    drop: bool = False

    def __str__(self) -> str:
        return f"a drop of {self.value:g}" if self.drop else f"{self.value:g}"


def parse(text: str) -> Threshold | None:
    """``0.8`` is a value of the metric, ``drop:0.1`` a drop of it; None for anything else.

    Example:
        >>> print(parse("drop:0.1"), "|", parse("0.8"))
        a drop of 0.1 | 0.8
    """
    number = text.removeprefix(DROP)
    try:
        limit = Threshold(float(number), drop=number != text)
    except ValueError:
        return None
    return limit if math.isfinite(limit.value) and not (limit.drop and limit.value <= 0) else None


def excess(clean: Replicates, there: Replicates, limit: Threshold, *, better: str) -> Replicates:
    """How far past the limit a condition is; negative on the good side.

    Args:
        clean: The statistic on clean data.
        there: The statistic under the condition.
        limit: The limit.
        better: Which direction of the statistic is good, ``higher`` or ``lower``.
    """
    bar = Replicates(limit.value, np.full(there.draws.size, limit.value), there.n)
    if limit.drop:
        return drop(clean, there, better=better) - bar
    return bar - there if better == "higher" else there - bar


def breaking_point(
    clean: Replicates, curve: Curve, limit: Threshold, *, better: str
) -> Replicates | None:
    """The severity at which a curve crosses a limit, 0 … 5; None where it never does.

    Its ends are where the far and the near ends of the curve's intervals cross it, the near ones at
    their share of the error; an end that never crosses is the highest severity that was asked, and
    open to that side. Draws that never cross count with that severity too.

    Args:
        clean: The statistic on clean data.
        curve: The statistic at the severities that were asked.
        limit: The limit.
        better: Which direction of the statistic is good, ``higher`` or ``lower``.
    """
    at = sorted(curve)
    past = [excess(clean, s, limit, better=better) for s in (clean, *(curve[s] for s in at))]
    x = np.array([0, *at], np.float64)
    point = float(_crossing(x, np.array([[p.point] for p in past]))[0])
    if math.isnan(point):
        return None
    draws = _crossing(x, np.stack([p.draws for p in past]))
    n, last = min(p.n for p in past), float(x[-1])

    def ends(tail: float) -> tuple[float, float]:
        far = [_past(clean, s, limit, better, tail)[1] for s in (clean, *(curve[k] for k in at))]
        near = [
            _past(clean, s, limit, better, tail / len(at))[0]
            for s in (clean, *(curve[k] for k in at))
        ]
        low, high = (float(_crossing(x, np.array(side)[:, None])[0]) for side in (far, near))
        return (last if math.isnan(low) else low), (last if math.isnan(high) else high)

    result = Replicates(point, np.where(np.isnan(draws), last, draws), n, (0.0, last))
    return replace(result, evidence=By(ends))


def breaking_epsilon(point: Replicates, radii: Sequence[float]) -> Replicates:
    """The radius at which a curve breaks, from the severity at which it does.

    Between severities the radius is taken to grow in a straight line, as the curve is drawn, so
    that this is the breaking point on another axis, and its interval is as sure.

    Args:
        point: The breaking point, a severity.
        radii: Radius at severity 1, 2, …, rising.
    """
    axis = np.array([0.0, *radii])

    def radius(severity: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return np.interp(severity, np.arange(axis.size), axis)

    def ends(tail: float) -> tuple[float, float]:
        low, high = point.estimate(1 - 2 * tail).low, point.estimate(1 - 2 * tail).high
        return float(radius(low)), float(radius(high))

    bounds = (0.0, float(radius(point.bounds[1])))
    result = Replicates(float(radius(point.point)), radius(point.draws), point.n, bounds)
    return replace(result, evidence=By(ends))


def _past(
    clean: Replicates, there: Replicates, limit: Threshold, better: str, tail: float
) -> tuple[float, float]:
    """Between which numbers it surely is how far a condition is past the limit."""
    if limit.drop and there is clean:
        return -limit.value, -limit.value
    number = drop(clean, there, better=better) if limit.drop else there
    result = number.estimate(1 - 2 * tail)
    if limit.drop or better == "lower":
        return result.low - limit.value, result.high - limit.value
    return limit.value - result.high, limit.value - result.low


def _crossing(x: NDArray[np.float64], past: NDArray[np.float64]) -> NDArray[np.float64]:
    """First place at which ``past`` ``(severity, draw)`` is above 0, NaN where nowhere."""
    over = past > 0
    first = over.argmax(axis=0)
    column = np.arange(past.shape[1])
    before = np.maximum(first - 1, 0)
    low, high = past[before, column], past[first, column]
    step = np.where(high > low, high - low, 1.0)
    crossing = x[before] + np.where(first > 0, -low / step, 0.0) * (x[first] - x[before])
    return np.where(over.any(axis=0), crossing, np.nan)


def next_severity(crossed: Mapping[int, bool]) -> int | None:
    """Which severity to ask next, by bisection: 3, then 1 and 2, or 4 and 5; None when done.

    Args:
        crossed: Whether the limit was crossed at each severity asked so far.

    Example:
        >>> next_severity({}), next_severity({3: True}), next_severity({3: True, 1: False, 2: True})
        (3, 1, None)
    """
    low, high = 0, SEVERITIES[-1] + 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle not in crossed:
            return middle
        low, high = (low, middle) if crossed[middle] else (middle, high)
    return None
