"""Contents: which values repeat, copies that are nearly exact among them, and the strata they make.

Pairs that hold one much repeated value can only be compared with strangers that hold it too: all
its mismatches have that very value, and so they vouch for one another. Any stratum that is defined
by one side alone is valid: given a right value, a random mismatch is a random left value.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mmaudit.arrays import Bools, Ints, Vectors
from mmaudit.measures.intervals.blocks import blocks
from mmaudit.measures.pairs.neighbours import Nearest

MANY = 20  # rows of a value that is a stratum of its own
NEAR = 0.05  # of the mean distance of strangers: values closer than that are one content
EDGES = (2, 5, MANY)  # of the bins of multiplicities
BINS = (len(EDGES) + 1) ** 2
MOST_VALUES = 256  # that are strata of their own; the rest share a bin


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """Content stratum of each pair.

    Attributes:
        number: Stratum, ``(n,)``: bins of multiplicities below `BINS`, then single values.
        on_left: For each single value, whether it stands on the left side.
    """

    number: Ints
    on_left: tuple[bool, ...] = ()

    @property
    def single(self) -> bool:
        """Whether all pairs are in one stratum."""
        return bool((self.number == self.number[0]).all())

    def of_left_value(self) -> Bools:
        """Whether each pair is in the stratum of a left value, ``(n,)``."""
        sides = np.array([False] * BINS + [*self.on_left])
        return sides[self.number]


def near_copies(values: Vectors, exact: Ints, near: Nearest) -> Ints:
    """Number of each row's content, ``(n,)``: rows that are nearly equal have one number.

    A content is a component of the graph of neighbours that are nearer to each other than a
    twentieth of the mean distance of strangers. What is far from the middle of a large component,
    as in a film whose frames drift, keeps its exact content.

    Args:
        values: Rows of length one, ``(n, d)``.
        exact: Number of each row's exact content, ``(n,)``.
        near: Neighbours of each row.
    """
    n = len(values)
    middle = np.mean([values[at].mean(0, dtype=np.float64) for at in blocks(n)], axis=0)
    least = np.float32(1.0 - NEAR * (1.0 - float(middle @ middle)))
    row, place = np.nonzero(near.cosine >= least - 1e-6)
    order = np.argsort(exact, kind="stable")
    same = exact[order][1:] == exact[order][:-1]
    rows = np.concatenate([row, order[:-1][same]])
    others = np.concatenate([near.rows[row, place], order[1:][same]])
    graph = coo_array((np.ones(len(rows), np.int8), (rows, others)), shape=(n, n))
    content = connected_components(graph, directed=False)[1].astype(np.int64)
    large = np.flatnonzero(np.bincount(content)[content] >= MANY)
    far = large[_apart(values, content, large) > 1.0 - least]
    content[far] = content.max(initial=0) + 1 + exact[far]
    return np.unique(content, return_inverse=True)[1].astype(np.int64)


def _apart(values: Vectors, content: Ints, rows: Ints) -> Vectors:
    """Distance of rows from the middle of their content, ``(k,)``."""
    if not len(rows):
        return np.zeros(0, np.float32)
    number = np.unique(content[rows], return_inverse=True)[1]
    members = coo_array((np.ones(len(rows), np.float32), (number, np.arange(len(rows)))))
    middles = members.tocsr() @ values[rows]
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    return np.asarray(1.0 - np.einsum("nd,nd->n", values[rows], middles[number]), np.float32)


def strata(left: Ints, right: Ints) -> Strata:
    """Stratum of each pair by how often its two contents stand in the data.

    Args:
        left: Content of each left value, ``(n,)``, numbered from 0.
        right: Likewise.
    """
    counts = np.bincount(left)[left], np.bincount(right)[right]
    by = np.digitize(counts[0], EDGES) * (len(EDGES) + 1) + np.digitize(counts[1], EDGES)
    on_right = (counts[1] >= MANY) & (counts[1] >= counts[0])
    on_left = (counts[0] >= MANY) & ~on_right
    value = np.where(on_right, 2 * right, np.where(on_left, 2 * left + 1, -1))
    single, size = np.unique(value[value >= 0], return_counts=True)
    single = single[size >= MANY]
    size = np.bincount(np.searchsorted(single, value[np.isin(value, single)]))
    largest = np.sort(single[np.argsort(-size, kind="stable")[:MOST_VALUES]])
    own = np.isin(value, largest)
    number = np.where(own, BINS + np.searchsorted(largest, value), by).astype(np.int64)
    return Strata(number=number, on_left=tuple((largest % 2 == 1).tolist()))
