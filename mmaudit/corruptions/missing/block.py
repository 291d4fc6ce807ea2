"""Block: whole sites, sessions or shards lack a modality, as when one machine was broken."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import _sets as sets
from mmaudit.corruptions.base import Plan, Rows
from mmaudit.seeds import digests, permanent


class Severity(NamedTuple):
    """How much is missing."""

    rate: float  # share of the samples, for each modality


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Take each modality away from whole groups until exactly the share of samples lacks it.

    The groups are those of the manifest, in a random order of their own for each modality. The
    last one is split.

    Raises:
        UsageError: The manifest has no groups.
    """
    names = sets.group_names(rows, "missing/block")
    width = len(rows.modalities)
    by_group = permanent(digests(seed, "missing/block group", names), width)
    by_row = sets.numbers(rows, seed, "missing/block", width)
    out = np.zeros(rows.present.shape, np.bool_)
    for m in range(width):
        order = np.lexsort((by_row[:, m], by_group[:, m]))
        order = order[rows.present[order, m]]
        out[order[: sets.count(severity.rate, order.size)], m] = True
    return out


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the values of each modality"},
    source="block-wise missing modalities of multi-site studies (Yuan et al. 2012, "
    "doi:10.1016/j.neuroimage.2012.03.059); there as found, here drawn with exact rates",
)
