"""Within class: some samples get the value of another sample of the same class."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing import _derange as derange


class Severity(NamedTuple):
    """How many pairs are wrong."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Exchange values inside each class, between groups where the manifest has groups.

    The label stays true of the borrowed value, so labels do not give the mistake away. Samples
    whose class has no other group cannot be mismatched and are not chosen.

    Raises:
        UsageError: The target is not a class.
    """
    labels = row_selection.need_labels(rows, "pairing/within_class")
    group = row_selection.group_numbers(rows)
    able = np.zeros(labels.size, np.bool_)
    for label in np.unique(labels):
        members = np.flatnonzero((labels == label) & rows.present.all(axis=1))
        able[members] = np.unique(group[members]).size > 1
    choice = derange.choose(rows, severity.rate, seed, "pairing/within_class", able)
    out = np.arange(labels.size)
    for label in np.unique(labels[choice.rows]):
        inside = derange.Choice(*(part[labels[part] == label] for part in choice))
        donor = derange.exchange(rows, inside, group)
        out[inside.rows] = donor[inside.rows]
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="LEMoN (arXiv:2407.18941) noise of type cat, a caption of the same category; here "
    "exact, and never of the same group",
)
