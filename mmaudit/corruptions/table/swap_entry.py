"""Swap entry: cells of one row change places, as when fields were typed into the wrong box."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.entry_selection import rounded
from mmaudit.corruptions.table._cells import where
from mmaudit.doses.table import SHARE_CHANGED
from mmaudit.kinds.table import number
from mmaudit.seeds import Words


class Severity(NamedTuple):
    """How much changes places."""

    share: float  # of the filled cells


def swap_cells(clean: NDArray[Any], severity: Severity, words: Words) -> NDArray[Any]:
    """Exchange pairs of cells, numbers with numbers and texts with texts, ``(column,)``.

    Where cells of one type are odd in number, one of them has no partner.
    """
    worse = clean.copy()
    types = (number, lambda cell: isinstance(cell, str))
    for stream, holds in enumerate(types):
        able = where(clean, holds)
        order = able[words.permutation(able.size, 2 * stream)]
        uniform = float(words.uniforms(1, 2 * stream + 1)[0])
        pairs = min(able.size // 2, rounded(severity.share / 2, able.size, uniform))
        first, second = order[0 : 2 * pairs : 2], order[1 : 2 * pairs : 2]
        worse[first], worse[second] = clean[second], clean[first]
    return worse


CORRUPTION = Corruption(
    apply=swap_cells,
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"share": "share of the filled cells"},
    keeps=frozenset({"shape", "dtype", "length"}),
    dose=SHARE_CHANGED,
    source="MultiBench (arXiv:2107.07502) swap_entry, rates 0 to 1 by 0.1; there a cell is "
    "copied over its neighbour ([1, 2, 3, 4] becomes [1, 1, 1, 1]), here the two change places",
)
