"""Derangements: permutations in which no sample keeps its own value, nor gets one it must not get.

What must stay apart is said by one number a row: rows of equal numbers never exchange values.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Ints
from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows
from mmaudit.errors import UsageError


class Choice(NamedTuple):
    """Which rows are mismatched, both in the order of their permanent random numbers."""

    rows: Ints
    others: Ints  # those that stay right


def choose(rows: Rows, rate: float, seed: int, purpose: str, able: Bools | None = None) -> Choice:
    """Choose exactly a share of the rows whose value is there.

    Args:
        rows: The whole set.
        rate: Share of the rows that have a value.
        seed: The run's seed.
        purpose: Name of the plan.
        able: Rows that can be mismatched, where not all can, ``(n,)``; if they are fewer than the
            share asks for, all of them are chosen.
    """
    there = row_selection.present_rows(rows)
    order = row_selection.in_order(row_selection.numbers(rows, seed, purpose)[:, 0], there)
    k = row_selection.count(rate, order.size)
    if able is None:
        return Choice(order[:k], order[k:])
    selected = order[able[order]][:k]
    return Choice(selected, order[~np.isin(order, selected)])


def exchange(rows: Rows, choice: Choice, apart: Ints) -> Ints:
    """Donor of every row, ``(n,)``: the chosen rows exchange their values, the others keep theirs.

    Where more than half of the chosen rows share one number they cannot all exchange: the excess
    borrows from rows of other numbers, first from those that were not chosen, whose values are
    then there twice.

    Args:
        rows: The whole set.
        choice: The rows that exchange and the others.
        apart: One number a row; a donor's differs from the receiver's.

    Raises:
        UsageError: All rows share one number.
    """
    out = np.arange(len(rows.ids))
    order = choice.rows
    if not order.size:
        return out
    out[order] = order[_deranged(apart[order])]
    same = order[apart[order] == apart[out[order]]]
    if same.size:
        pool = np.concatenate([choice.others, order])
        need_two(apart[pool])
        pool = pool[apart[pool] != apart[same[0]]]
        out[same] = np.resize(pool, same.size)
    return out


def need_two(apart: Ints) -> None:
    """Refuse a set in which all rows share one number, or that has one row only."""
    if apart.size and (apart == apart[0]).all():
        raise UsageError(
            "no sample can get the value of another: all are of one group or class",
            fix="a dataset with at least two groups or classes",
        )


def _deranged(apart: NDArray[Any]) -> Ints:
    """A permutation of positions in which as many as can be get one of another number, ``(n,)``.

    Every position gets the next one. Where that is forbidden, the forbidden ones exchange among
    themselves, and those of the most frequent number exchange with positions that are right
    either way. What is left forbidden is all of one number.
    """
    donor = np.roll(np.arange(apart.size), -1)
    wrong = np.flatnonzero(apart == apart[donor])
    if not wrong.size:
        return donor
    values, counts = np.unique(apart[wrong], return_counts=True)
    top, excess = values[counts.argmax()], 2 * int(counts.max()) - wrong.size
    if excess > 0:
        free = np.flatnonzero((apart != top) & (apart[donor] != top) & (apart != apart[donor]))
        taking = free[:excess]
        giving = wrong[apart[wrong] == top][: taking.size]
        donor[giving], donor[taking] = donor[taking], donor[giving]
        wrong = np.flatnonzero(apart == apart[donor])
    blocks = wrong[np.argsort(apart[wrong], kind="stable")]
    if blocks.size:
        _, counts = np.unique(apart[blocks], return_counts=True)
        donor[blocks] = donor[np.roll(blocks, -int(counts.max()))]
    return donor
