"""Shuffle: some samples get the value of another sample, never their own nor one of their group."""

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
    """Exchange the values of exactly the chosen samples so that no pair is right by chance.

    Where the manifest has groups (captions of one photo), a donor is of another group: another
    caption of the same photo would not be a mismatch.

    Raises:
        UsageError: All samples are of one group.
    """
    choice = derange.choose(rows, severity.rate, seed, "pairing/shuffle")
    return derange.exchange(rows, choice, row_selection.group_numbers(rows))


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="NCR (NeurIPS 2021) and SURE (TPAMI 2022) shuffle the chosen pairs and leave fixed "
    "points, so that fewer are wrong than said; here a derangement, and the rate is exact",
)
