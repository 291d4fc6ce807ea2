"""Copies: values that share a key, and the groups that pairs of copies make."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mmaudit.arrays import Ints

MOST = 2_000  # values of one key: what more share is no sign of a copy
AT_ONCE, ASKING = 2_000_000, 65_536  # pairs, and values that ask for others at a time


def candidates(
    stored: NDArray[np.uint64], wanted: NDArray[np.uint64]
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of values of which one is stored under a key that the other asks for.

    Args:
        stored: Keys of each value, ``(n, band)``.
        wanted: Keys that it asks for, ``(n, window, band)``.

    Yields:
        First and second positions, ``(m,)`` each, first < second, each pair once a call; pairs
        may come again in a later one. Keys that more than `MOST` values have are passed over.
    """
    n, windows = len(stored), wanted.shape[1]
    for band in range(stored.shape[1]):
        order = np.argsort(stored[:, band], kind="stable")
        keys = stored[order, band]
        for start in range(0, n, ASKING):
            sought = wanted[start : start + ASKING, :, band].ravel()
            low = np.searchsorted(keys, sought, side="left")
            count = np.searchsorted(keys, sought, side="right") - low
            count[count > MOST] = 0
            for part in _parts(count):
                hits = np.repeat(part, count[part])
                ends = np.cumsum(count[part])
                within = np.arange(len(hits)) - np.repeat(ends - count[part], count[part])
                pairs = _once(start + hits // windows, order[low[hits] + within], n)
                if len(pairs):
                    yield pairs // n, pairs % n


def _parts(count: Ints) -> Iterator[Ints]:
    """Positions in turn, of few enough pairs to hold at once."""
    share = np.cumsum(count) // AT_ONCE
    for which in np.unique(share):
        yield np.flatnonzero((share == which) & (count > 0))


def _once(one: Ints, other: Ints, n: int) -> Ints:
    """Pairs of two values as single numbers, each once."""
    first, second = np.minimum(one, other), np.maximum(one, other)
    return np.unique((first * n + second)[first != second])


def groups(first: Ints, second: Ints, n: int) -> Ints:
    """Number of the group of each value, ``(n,)``: values that pairs connect are of one group."""
    links = coo_array((np.ones(len(first), np.bool_), (first, second)), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int64)
