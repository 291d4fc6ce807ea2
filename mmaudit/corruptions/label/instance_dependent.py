"""Instance dependent: labels are wrong where the sample itself looks like another class."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.errors import UsageError
from mmaudit.seeds import words


class Severity(NamedTuple):
    """How many labels are wrong, and how strongly it depends on the sample."""

    rate: float  # share of the samples
    strength: float  # log odds for one standard deviation of a sample's likeness to a class


def labels(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Give exactly a share of the samples the class that they look most like, ``(n,)``.

    Every class has a random direction in the space of the samples' standardised numbers. A sample
    looks like a class as far as it lies in its direction; the more it looks like another class
    than its own, the likelier it is chosen, and it gets the class that it looks most like.

    Raises:
        UsageError: The target is not a class, or the samples have no numbers.
    """
    old = row_selection.need_labels(rows, "label/instance_dependent")
    if not rows.scores:
        raise UsageError(
            "label/instance_dependent needs a number for each sample",
            fix="a dataset with vectors or numbers, or label/symmetric, which needs none",
        )
    x = np.stack(
        [row_selection.standardised(rows.scores[name]) for name in sorted(rows.scores)], axis=1
    )
    size = x.shape[1] * rows.classes
    directions = words(seed, "label/instance_dependent").normals(size)
    like = x @ directions.reshape(x.shape[1], rows.classes)
    own = like[np.arange(old.size), old]
    like[np.arange(old.size), old] = -np.inf
    keys = row_selection.numbers(rows, seed, "label/instance_dependent")[:, 0]
    order = row_selection.likely(keys, like.max(axis=1, initial=-np.inf) - own, severity.strength)
    everyone = np.ones(old.size, np.bool_)
    wrong = row_selection.first(order, everyone, row_selection.count(severity.rate, old.size))
    return np.where(wrong, like.argmax(axis=1), old)


PLAN = Plan(
    plan=labels,
    makes="labels",
    severities=tuple(Severity(s, 2.0) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the labels", "strength": "log odds / sd"},
    source="part-dependent noise (Xia et al. 2020, arXiv:2006.07836), which projects features on "
    "random directions; there the rate of each sample is drawn, here the count is exact",
    needs=("scores",),
)
