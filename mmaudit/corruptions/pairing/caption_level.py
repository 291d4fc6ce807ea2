"""Caption level: the texts of some pairs are shuffled, and some stay right by chance."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows


class Severity(NamedTuple):
    """How many pairs are wrong."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Permute the values of exactly a share of the rows at random, fixed points included.

    Several captions of one photo may exchange, which is no mismatch. The realised rate is lower
    than the nominal one, as in the published experiments; ``pairing/shuffle`` has the exact rate.
    """
    there = row_selection.present_rows(rows)
    keys = row_selection.numbers(rows, seed, "pairing/caption_level", 2)
    order = row_selection.in_order(keys[:, 0], there)[
        : row_selection.count(severity.rate, there.size)
    ]
    out = np.arange(len(rows.ids))
    out[order] = row_selection.in_order(keys[:, 1], order)
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="NCR (NeurIPS 2021, XLearning-SCU/2021-NeurIPS-NCR) noise_index, ratios 0.2 and 0.5 "
    "(severities 2 and 5)",
)
