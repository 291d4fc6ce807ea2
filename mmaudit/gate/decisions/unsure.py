"""Numbers of which no interval keeps its error: a gate does not decide by one.

A share of pairs that the same pairs chose, or of a mixture that was fitted to them, has an
interval in the summary that says how many samples it is of, and not how sure it is. Its ends are
open here, so that only a check that looks at the value alone (``fail_when = "point"``) decides.
"""

import math
from dataclasses import replace

from mmaudit.gate.numbers.quantity import Quantity
from mmaudit.rows import Estimate
from mmaudit.tables.run import Summary


def opened(quantity: Quantity, summary: Summary) -> Quantity:
    """The quantity with open ends, and why, where a metric of it says so; else as it is.

    Args:
        quantity: What is tested.
        summary: The summary that its rows are of.
    """
    e = quantity.estimate
    names = [row["metric"] for row in quantity.rows]
    if quantity.limit.kind not in {"min", "max"}:  # of a drop its own row says it too
        names += [drop for name in names if (drop := summary.worsening(name))]
    why = next((w for name in names if (w := reason(summary, name))), "")
    if e is None or not why:
        return quantity
    wide = Estimate(e.value, -math.inf, math.inf, e.n)
    return replace(quantity, estimate=wide, grounds=None, reason=why)


def reason(summary: Summary, metric: str) -> str:
    """Why no interval of a metric keeps its error; empty where one does, or nothing is said."""
    meaning = summary.meanings.get(metric)
    return f"no interval: {meaning.unsure}" if meaning and meaning.unsure else ""
