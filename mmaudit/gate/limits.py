"""Limits: a number that a quantity must not cross, and how far past it an estimate is."""

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
