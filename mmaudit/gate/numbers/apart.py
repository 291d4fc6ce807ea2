"""Differences of two estimates of which nothing but the intervals is known."""

import math
from collections.abc import Callable

from mmaudit.rows import Estimate

BIASED = frozenset({"ece"})  # metrics that noise moves to one side: it adds up, and not in squares


def apart(
    base: Estimate, this: Estimate, sign: int, share: float = 0.0, *, biased: bool = False
) -> Estimate:
    """How much worse one is than the other: square-and-add, as for independent samples.

    Where both are of the same samples the true interval is narrower, never wider, as long as
    what is hard for one is hard for the other (Zou and Donner 2008, doi:10.1002/sim.3095).

    Args:
        base: What is compared with.
        this: What may be worse.
        sign: +1 where higher values are better, -1 where lower ones are.
        share: For a test of the relative drop r: the estimate is then of drop minus r times base.
        biased: Whether noise moves both to one side, so that half-widths add up as they are.
    """
    add: Callable[[tuple[float, float]], float] = math.fsum if biased else _hypot
    a, b = 1 - share * sign, 1.0  # worse - share base = sign ((1 - sign share) base - this)
    value = a * base.value - b * this.value
    lower = a * (base.value - base.low), b * (this.high - this.value)
    upper = a * (base.high - base.value), b * (this.value - this.low)
    low, high = value - add(lower), value + add(upper)
    if sign < 0:
        value, low, high = -value, -high, -low
    return Estimate(value, low, high, min(base.n, this.n))


def _hypot(sides: tuple[float, float]) -> float:
    return math.hypot(*sides)
