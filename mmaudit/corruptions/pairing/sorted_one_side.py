"""Sorted on one side: a part of one column was sorted, and the others were not."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing._files import run


class Severity(NamedTuple):
    """How long the sorted part is."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Sort the values of one run of the file, which lies in the order of the ids.

    Texts are sorted as texts (those that are moved, else the first text). Where there are none, the
    first number of each sample decides, and where there are none of these, the run is turned
    around.
    Values that lie where they belong stay right.
    """
    part = run(rows, severity.rate, seed, "pairing/sorted_one_side")
    out = np.arange(len(rows.ids))
    if rows.texts:
        texts = rows.texts[min(rows.texts)]
        out[part] = part[sorted(range(part.size), key=lambda i: texts[part[i]])]
    elif rows.scores:
        out[part] = part[np.argsort(rows.scores[min(rows.scores)][part], kind="stable")]
    else:
        out[part] = part[::-1]
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="one column sorted in a spreadsheet; ours",
    needs=("texts_or_scores",),
)
