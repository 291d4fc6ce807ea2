"""Nearest neighbour: some samples get the value of the sample that is most like them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.pairing import _derange as derange
from mmaudit.corruptions.pairing import _likeness as likeness

KNOWN = 20_000  # samples that are searched; of more, those with the smallest permanent numbers


class Severity(NamedTuple):
    """How many pairs are wrong."""

    rate: float  # share of the samples


def donors(rows: Rows, severity: Severity, seed: int) -> NDArray[np.int64]:
    """Give exactly a share of the samples the value of the most similar sample of another group.

    Similar by the words of the text (cosine of tf-idf), else by the numbers of the samples. These
    are the hardest mismatches: the wrong value nearly fits. In datasets of more than 20,000
    samples a random 20,000 are searched.

    Raises:
        UsageError: The samples have neither texts nor numbers, or all are of one group.
    """
    choice = derange.choose(rows, severity.rate, seed, "pairing/nearest_neighbour")
    out = np.arange(len(rows.ids))
    apart = row_selection.group_numbers(rows)
    x = likeness.features(rows)
    able = np.concatenate(choice)
    keys = row_selection.numbers(rows, seed, "pairing/nearest_neighbour known")[:, 0]
    searched = row_selection.in_order(keys, able)[:KNOWN]
    if choice.rows.size:
        derange.need_two(apart[searched])
        out[choice.rows] = likeness.nearest(x, choice.rows, searched, apart)
    return out


PLAN = Plan(
    plan=donors,
    makes="donors",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the samples"},
    source="hard negatives as in VSE++ (arXiv:1707.05612), there by the model's own embedding, "
    "here by words, so that no model is needed",
    needs=("texts_or_scores",),
)
