"""Drops against the clean condition, from the paired rows of the same summary.

An audit that sweeps conditions writes, beside each metric of a condition, how much worse than
clean it is, paired by sample: ``METRIC_drop`` where higher is better, ``METRIC_rise`` where lower
is. A drop here is always a worsening, whatever the direction of the metric.
"""

from collections.abc import Sequence
from dataclasses import replace

from mmaudit.gate.limits import Limit
from mmaudit.gate.numbers.quantity import Quantity, label
from mmaudit.gate.numbers.rests import Rests
from mmaudit.names import CLEAN
from mmaudit.rows import Estimate
from mmaudit.tables.run import Row, Summary, estimate

WHOLE_ROWS = "joined from the intervals of two rows, so wider"


def from_clean(rows: Sequence[Row], summary: Summary, limit: Limit, rests: Rests) -> list[Quantity]:
    """The worsening of each row against the clean row of its slice.

    Args:
        rows: The selected rows; the clean ones among them are left out.
        summary: The summary that they are from.
        limit: ``max_drop`` (in units of the metric) or ``max_drop_rel`` (share of the clean value).
        rests: What the numbers rest on.
    """
    if "condition" not in summary.columns:
        reason = "this audit has no clean condition; compare with a baseline run instead"
        return [
            Quantity(label(r, summary.columns), r["metric"], limit, None, reason, (r,))
            for r in rows
        ]
    return [_one(row, summary, limit, rests) for row in rows if row["condition"] != CLEAN]


def _one(row: Row, summary: Summary, limit: Limit, rests: Rests) -> Quantity:
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
        return replace(quantity, estimate=worse, grounds=rests.of_drop(row, worse))
    clean, there = _estimate(summary.clean(metric, row["slice"])), _estimate(row)
    if clean is None or there is None or clean.value <= 0:
        return replace(quantity, reason="the clean value is missing or not above zero")
    share = rests.of_ratio(row, worse)
    if share is not None:
        return replace(quantity, estimate=share[0], grounds=share[1])
    return replace(quantity, estimate=joined(worse, clean, limit.value), reason=WHOLE_ROWS)


def _estimate(row: Row | None) -> Estimate | None:
    return None if row is None else estimate(row["estimate"])


def joined(worse: Estimate, clean: Estimate, share: float) -> Estimate:
    """The worsening as a share of the clean value, for a test at one share, from two intervals.

    Whether worse / clean exceeds r is whether worse - r clean exceeds 0. The deviation of that is
    at most that of the worsening and r times that of clean, whatever they have to do with each
    other.
    """
    value, r = worse.value / clean.value, abs(share)
    spread = r * max(clean.value - clean.low, clean.high - clean.value)
    low = value - (worse.value - worse.low + spread) / clean.value
    high = value + (worse.high - worse.value + spread) / clean.value
    return Estimate(value, low, high, worse.n)
