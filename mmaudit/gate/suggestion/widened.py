"""Bounds that a fresh sample clears, from an interval alone: two samples err twice.

The difference of two samples varies by the square root of two more than one of them, and the gate
wants the fresh one's whole interval within the bound, so the bound lies that much and one interval
farther out. That is done twice, and the farther bound stands: in units of the metric, where the
interval widens as that of a heavy tail, since rare events have one; and between the two bounds of a
metric on the logit scale, where an interval near a bound is as lopsided as it is in truth. Where a
metric has no bounds, what few samples make is less known: a tenth more is left, and 85 / n.
"""

import math

from mmaudit.gate.limits import STORED, quantile, z
from mmaudit.gate.numbers.interval import TAIL, widening
from mmaudit.rows import Estimate

LOOSE, FEW = 1.1, 85.0  # of the room of a number without bounds, and more of it per sample


def widened(
    estimate: Estimate, sign: int, error: float, reach: tuple[float, float]
) -> float | None:
    """The limit that a fresh sample of as many units clears, but for this error.

    Args:
        estimate: The number with its 95 % interval.
        sign: 1 for an upper limit, -1 for a lower one.
        error: How often an equally good fresh sample may not clear it, in (0, 0.5).
        reach: Least and largest value of the metric.

    Returns:
        The limit, within the metric's range; None where the interval is open to that side, or
        ends at the number itself, which says nothing of how it varies, and of a metric with one
        bound, such as a root mean square: a few samples may open the fresh one's interval.
    """
    edge = estimate.high if sign > 0 else estimate.low
    if not math.isfinite(edge) or edge == estimate.value:
        return None
    low, high = reach
    if math.isfinite(low) != math.isfinite(high):
        return None
    normal = quantile(error) / z(STORED)
    heavy = normal if error >= TAIL else widening(error)
    bounded = math.isfinite(low) and math.isfinite(high)
    room = math.sqrt(2) * heavy * (1.0 if bounded else LOOSE + FEW / max(estimate.n, 1))
    limits = [min(max(edge + room * (edge - estimate.value), low), high)]
    inside = all(low < x < high for x in (estimate.value, edge))
    if bounded and inside:
        at, end = (_logit((x - low) / (high - low)) for x in (estimate.value, edge))
        far = at + (end - at) * (1 + math.sqrt(2) * normal)
        limits.append(low + (high - low) * (1 + math.tanh(far / 2)) / 2)
    return sign * max(sign * limit for limit in limits)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
