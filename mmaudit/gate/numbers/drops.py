"""Drops against the clean condition, from the paired rows of the same summary.

An audit that sweeps conditions writes, beside each metric of a condition, how much worse than
clean it is, paired by sample: ``METRIC_drop`` where higher is better, ``METRIC_rise`` where lower
is. A drop here is always a worsening, whatever the direction of the metric.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from mmaudit.gate.decide import STORED, Limit, z
from mmaudit.gate.numbers.quantity import Quantity, label
from mmaudit.names import CLEAN
from mmaudit.rows import Estimate
from mmaudit.tables.run import Row, Summary, estimate


def from_clean(rows: Sequence[Row], summary: Summary, limit: Limit) -> list[Quantity]:
    """The worsening of each row against the clean row of its slice.

    Args:
        rows: The selected rows; the clean ones among them are left out.
        summary: The summary that they are from.
        limit: ``max_drop`` (in units of the metric) or ``max_drop_rel`` (share of the clean value).
    """
    if "condition" not in summary.columns:
        reason = "this audit has no clean condition; compare with a baseline run instead"
        return [
            Quantity(label(r, summary.columns), r["metric"], limit, None, reason, (r,))
            for r in rows
        ]
    return [_one(row, summary, limit) for row in rows if row["condition"] != CLEAN]


def _one(row: Row, summary: Summary, limit: Limit) -> Quantity:
    metric = row["metric"]
    relative = limit.kind == "max_drop_rel"
    name = f"{'relative ' if relative else ''}drop of {metric} against clean"
    quantity = Quantity(label(row, summary.columns), name, limit, None, rows=(row,))
    paired = summary.worsening(metric)
    if paired is None:
        reason = f"which direction of {metric} is good is not known: use min or max"
        return replace(quantity, reason=reason)
    worse = _estimate(summary.find({**row, "metric": paired}))
    if worse is None:
        return replace(quantity, reason=f"no paired row {paired}: nothing to compare by")
    if not relative:
        return replace(quantity, estimate=worse)
    clean, there = _estimate(summary.clean(metric, row["slice"])), _estimate(row)
    if clean is None or there is None or clean.value <= 0:
        return replace(quantity, reason="the clean value is missing or not above zero")
    return replace(quantity, estimate=share(worse, clean, there, limit.value))


def _estimate(row: Row | None) -> Estimate | None:
    return None if row is None else estimate(row["estimate"])


def share(worse: Estimate, clean: Estimate, there: Estimate, r: float) -> Estimate:
    """The worsening as a share of the clean value, with an interval for a test at the share r.

    Whether worse / clean exceeds r is whether worse - r clean exceeds 0 (Fieller). The variance of
    that difference follows from those of the three rows, since
    cov(clean, there) = (var clean + var there - var worse) / 2.
    """
    v_clean, v_there, v_worse = (_variance(e) for e in (clean, there, worse))
    sign = 1.0 if math.isclose(worse.value, clean.value - there.value, abs_tol=1e-9) else -1.0
    covariance = (v_clean + v_there - v_worse) / 2
    # worse = sign (clean - there), so cov(worse, clean) = sign (var clean - cov)
    spread = v_worse + r * r * v_clean - 2 * r * sign * (v_clean - covariance)
    half = z(STORED) * math.sqrt(max(spread, 0.0)) / clean.value
    value = worse.value / clean.value
    return Estimate(value, value - half, value + half, worse.n)


def _variance(e: Estimate) -> float:
    return ((e.high - e.low) / (2 * z(STORED))) ** 2
