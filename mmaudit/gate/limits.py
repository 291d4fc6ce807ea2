"""Limits: a number that a quantity must not cross, and how far past it an estimate is."""

import math
from dataclasses import dataclass
from functools import cache

from mmaudit.rows import Estimate

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


def reach(kind: str, bounds: tuple[float, float], better: str) -> tuple[float, float]:
    """The least and the largest limit of a kind that says anything of a metric.

    Args:
        kind: Kind of limit.
        bounds: Least and largest value of the metric.
        better: Which direction of the metric is good.
    """
    low, high = bounds
    if kind in {"min", "max"}:
        return bounds
    if kind == "max_drop":
        return low - high, high - low
    most = 1.0 if better == "higher" and low >= 0 else math.inf  # all of it is lost
    return -math.inf, most


def excess(estimate: Estimate, limit: Limit) -> float:
    """How far the estimate is past the limit; negative on the right side."""
    return limit.sign * (estimate.value - limit.value)


@cache
def z(level: float) -> float:
    """Normal quantile of a two-sided level: 1.96 for 0.95."""
    from statistics import NormalDist  # noqa: PLC0415  only where a number is needed

    return NormalDist().inv_cdf((1 + level) / 2)


def quantile(tail: float) -> float:
    """Normal quantile that is exceeded with this probability."""
    return z(1 - 2 * tail)
