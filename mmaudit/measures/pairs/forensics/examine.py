"""Name every defect of a file, the largest first."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints
from mmaudit.measures.pairs.forensics.columns import OrderedPairs
from mmaudit.measures.pairs.forensics.defect import Defect
from mmaudit.measures.pairs.forensics.permutations import Ordered, permuted
from mmaudit.measures.pairs.forensics.shifts import SHORTEST, moved
from mmaudit.measures.pairs.forensics.stretches import stretched
from mmaudit.measures.pairs.forensics.values import Repeat, repeated, swapped


def examine(
    pairs: OrderedPairs,
    content: Ints,
    ordered: Ordered = lambda _: "",
    repeats: tuple[Repeat, ...] = (),
) -> tuple[Defect, ...]:
    """Name every defect that is there.

    Args:
        pairs: Both sides in the order of the file.
        content: Number of each right row's content, equal for copies, ``(n,)``.
        ordered: Says in words which side of some rows is sorted, so that a side in another order
            is called sorted; empty where none is.
        repeats: Rows of single values that do not fit them, by their scores.

    Returns:
        The defects. A row is in one of them; swapped columns are put right first, and what else
        is wrong with their rows is named beside them.
    """
    if len(pairs) < 4 * SHORTEST:
        return ()
    defects: list[Defect] = []
    turned = swapped(pairs) if pairs.shared else None  # others are standardised: no gap is left
    if turned is not None:
        defects.append(turned)
        pairs = _turned(pairs, turned.rows)
    values = [*repeated(pairs, content, repeats)]
    movements = stretched(pairs, content, moved(pairs))
    hit = _any(len(pairs), [*values, *movements])
    if pairs.shared and not hit.all():
        movements += [*permuted(pairs, ~hit, ordered)]
    return tuple(sorted([*defects, *values, *movements], key=lambda f: -int(f.rows.sum())))


def _turned(pairs: OrderedPairs, rows: NDArray[np.bool_]) -> OrderedPairs:
    at = rows[:, None]
    return replace(
        pairs,
        left=np.where(at, pairs.right, pairs.left),
        right=np.where(at, pairs.left, pairs.right),
    )


def _any(n: int, defects: list[Defect]) -> NDArray[np.bool_]:
    return np.logical_or.reduce([f.rows for f in defects], initial=False) | np.zeros(n, np.bool_)
