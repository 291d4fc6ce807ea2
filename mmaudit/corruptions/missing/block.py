"""Block: whole sites, sessions or shards lack a modality, as when one machine was broken."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import row_selection
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
    names, groups = row_selection.groups(rows, "missing/block")
    width = len(rows.modalities)
    by_group = permanent(digests(seed, "missing/block group", names), width)
    by_row = row_selection.numbers(rows, seed, "missing/block", width)
    columns = [
        _column(rows.present[:, m], groups, by_group[:, m], by_row[:, m], severity.rate)
        for m in range(width)
    ]
    return np.stack(columns, axis=1)


def _column(
    there: NDArray[np.bool_],
    groups: NDArray[np.int64],
    by_group: NDArray[np.uint64],
    by_row: NDArray[np.uint64],
    rate: float,
) -> NDArray[np.bool_]:
    """Whole groups in the order of their keys, and of the last one rows in that of theirs."""
    sizes = np.bincount(groups[there], minlength=by_group.size)
    k = row_selection.count(rate, int(sizes.sum()))
    order = np.argsort(by_group, kind="stable")
    filled = np.cumsum(sizes[order])
    whole = int(np.searchsorted(filled, k, side="right"))
    gone = np.zeros(by_group.size, np.bool_)
    gone[order[:whole]] = True
    out = gone[groups] & there
    if whole < order.size:
        rest = k - (int(filled[whole - 1]) if whole else 0)
        out |= row_selection.some(by_row, there & (groups == order[whole]), rest)
    return out


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"rate": "share of the values of each modality"},
    source="block-wise missing modalities of multi-site studies (Yuan et al. 2012, "
    "doi:10.1016/j.neuroimage.2012.03.059); there as found, here drawn with exact rates",
    rate_of="modality",
)
