"""Cells: the columns of one row of the summary, as keyword arguments of ``Row``."""

from collections.abc import Iterator
from typing import Any

from mmaudit.names import ALL
from mmaudit.rows import Estimate

Cells = dict[str, Any]


def row(metric: str, estimate: Estimate | None, **keys: str) -> Iterator[Cells]:
    """The row of a number, of all samples unless said; none where there is no number.

    Args:
        metric: What was measured.
        estimate: The number.
        keys: Modality, check and slice, as far as it is not of all.
    """
    if estimate is not None:
        where = {"modality": ALL, "check": "", "slice": ALL, **keys}
        yield {**where, "metric": metric, "estimate": estimate}


def exact(value: float, n: int) -> Estimate:
    """A number that was counted or worked out, without an interval of its own."""
    return Estimate(float(value), float(value), float(value), n)
