"""Image level: all texts of some images are those of another image."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows


class Severity(NamedTuple):
    """How many images have wrong texts."""

    rate: float  # share of the groups


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Let exactly a share of the groups exchange all their values in a cycle.

    The ``j``-th row of a group gets the value of the ``j``-th of another, starting again where
    that has fewer. Without groups every row is one. One group alone cannot exchange, so a count
    of one is a count of two.
    """
    there = row_selection.present_rows(rows)
    keys = row_selection.numbers(rows, seed, "pairing/image_level")[:, 0]
    ordered = row_selection.in_order(keys, there)
    group = row_selection.group_numbers(rows)[ordered]
    _, first, which = np.unique(group, return_index=True, return_inverse=True)
    ranked = np.argsort(first)  # a group's number is the smallest of its rows
    k = row_selection.count(severity.rate, ranked.size)
    moved = ranked[: 2 if k == 1 and ranked.size > 1 else k]
    members = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
    out = np.arange(len(rows.ids))
    for taking, giving in zip(moved, np.roll(moved, -1), strict=True):
        out[ordered[members[taking]]] = np.resize(ordered[members[giving]], members[taking].size)
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.4, 0.6, 0.8)),
    units={"rate": "share of the images"},
    source="DECL (ACM MM 2022) permutes all captions of a share of the images, 0.2, 0.4, 0.6 and "
    "0.8 (severities 2 to 5); there fixed points stay, here none",
)
