"""Neighbours: do the items most like one side of a pair have partners like the other side?

LEMoN's two terms for a pair ``(x_i, y_j)``: over the ``k`` nearest neighbours ``n`` of ``x_i``,
the mean of ``d(y_j, y_n) exp(-t1 d(x_i, x_n)) exp(-t2 d(x_n, y_n))``, and the same from the other
side. The pair's own two items are not neighbours. Where the sides do not share a space there is no
``d(x_n, y_n)``, and its weight is left out.

References:
    Zhang et al. 2025, "LEMoN: label error detection using multimodal neighbors", ICML
    (fixed: k = 30, beta = gamma = 5, t1 = 0.1, t2 = 5; reference set of at most 50,000)
"""

import importlib
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints, Vectors
from mmaudit.kernels import kernel

NEIGHBOURS = 30
SPARE = 6  # more are looked up than used, since the pair and its copies are left out
NEAR, TRUST = 0.1, 5.0
WEIGHT = 5.0  # of each term in the sum with the distance of the pair
REFERENCE = 50_000
BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Nearest:
    """Nearest reference items of every item of one side.

    Attributes:
        rows: Their rows, ``(n, k)``, nearest first, ties by row; of 32 bits, as there are many.
        cosine: Their cosines, ``(n, k)``.
    """

    rows: NDArray[np.int32]
    cosine: Vectors


def nearest(
    values: Vectors, reference: Ints, k: int = NEIGHBOURS + SPARE, *, faiss: bool | None = None
) -> Nearest:
    """Exact nearest neighbours by cosine, in blocks, or by faiss where it is installed.

    Both look at every reference item, so they find the same neighbours but for ties.

    Args:
        values: Rows of length one, ``(n, d)``; may be memory-mapped.
        reference: Rows that may be neighbours, ascending, ``(r,)``.
        k: How many.
        faiss: Whether faiss searches; None: where it is installed.
    """
    k = min(k, len(reference))
    rows = np.empty((len(values), k), np.int32)
    cosine = np.empty((len(values), k), np.float32)
    pool = np.ascontiguousarray(values[reference], np.float32)
    index = _index(pool) if (installed() if faiss is None else faiss) else None
    across = pool.T.copy() if index is None else pool
    for start in range(0, len(values), BLOCK):
        at = slice(start, start + BLOCK)
        here = np.ascontiguousarray(values[at], np.float32)
        if index is None:
            place = np.empty((len(here), k), np.int64)
            _largest(here @ across, place, cosine[at])
        else:
            similar, place = index.search(here, k)
            order = np.lexsort((place, -similar))  # nearest first, ties by row
            place = np.take_along_axis(place, order, 1)
            cosine[at] = np.take_along_axis(similar, order, 1)
        rows[at] = reference[place]
    return Nearest(rows, cosine)


def installed() -> bool:
    """Whether faiss is here."""
    return find_spec("faiss") is not None


def _index(pool: Vectors) -> Any:
    """The reference items in faiss, which compares each value with all of them."""
    index = importlib.import_module("faiss").IndexFlatIP(pool.shape[1])
    index.add(pool)
    return index


@kernel
def _largest(similar, rows, values):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The largest of each row, falling, ties by column: one look at each, few insertions."""
    k = rows.shape[1]
    for i in range(similar.shape[0]):
        for t in range(k):
            values[i, t] = -np.inf
            rows[i, t] = 0
        least = -np.inf
        for j in range(similar.shape[1]):
            value = similar[i, j]
            if value > least:
                t = k - 1
                while t > 0 and values[i, t - 1] < value:
                    values[i, t] = values[i, t - 1]
                    rows[i, t] = rows[i, t - 1]
                    t -= 1
                values[i, t] = value
                rows[i, t] = j
                least = values[i, k - 1]


def disagreement(
    near: Nearest,
    anchor: Ints,
    partner: Ints,
    other: Vectors,
    unit: Ints,
    paired: Vectors | None,
) -> Vectors:
    """LEMoN's term of one side, ``(pair,)``; higher is more suspicious.

    Args:
        near: Neighbours on the anchor's side.
        anchor: Row of each pair on that side, ``(pair,)``.
        partner: Row of each pair on the other side, ``(pair,)``.
        other: Rows of length one of the other side, ``(n, d)``.
        unit: Number of each row's pair, equal for exact copies, ``(n,)``: a pair does not vouch
            for itself.
        paired: Cosine of each row with its own partner, ``(n,)``; None without a shared space.
    """
    out = np.empty(len(anchor), np.float32)
    for start in range(0, len(anchor), BLOCK):
        i, j = anchor[start : start + BLOCK], partner[start : start + BLOCK]
        rows = near.rows[i]
        strange = (unit[rows] != unit[i][:, None]) & (unit[rows] != unit[j][:, None])
        used = strange & (strange.cumsum(1) <= NEIGHBOURS)
        weight = used * np.exp(-NEAR * (1.0 - near.cosine[i]))
        if paired is not None:
            weight = weight * np.exp(-TRUST * (1.0 - paired[rows]))
        far = 1.0 - np.einsum("nd,nkd->nk", other[j], other[rows])
        out[start : start + BLOCK] = (weight * far).sum(1) / np.maximum(used.sum(1), 1)
    return out
