"""Re-pairing: shuffled pairs that are known mismatches, at random or within strata.

Two samples are kin if they share a group or one holds an exact copy of the other's value on either
side. Kin are never re-paired with one another: the second caption of a photo is not a mismatch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mmaudit.arrays import Ints
from mmaudit.kernels import kernel
from mmaudit.seeds import Words, words

Keys = tuple[Ints, ...]
TRIES = 64
SWEEPS = 10


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs of a left and a right row.

    Attributes:
        left: Row of the left side, ``(pair,)``.
        right: Row of the right side, ``(pair,)``.
    """

    left: Ints
    right: Ints


def joined(*keys: Ints) -> Ints:
    """Join samples that agree in any key into units, ``(n,)``: the connected components.

    Args:
        keys: Numbers of each sample (its group, the content of its pair), ``(n,)``.
    """
    n = len(keys[0])
    edges = []
    for key in keys:
        order = np.argsort(key, kind="stable")
        same = key[order][1:] == key[order][:-1]
        edges.append((order[:-1][same], order[1:][same]))
    rows, columns = (np.concatenate(side) for side in zip(*edges, strict=True))
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def copies(values: NDArray[np.floating]) -> Ints:
    """Number of each row's content, ``(n,)``: equal rows have equal numbers.

    Rows are told apart by 64 bits of a universal hash: two different rows of a million are taken
    for equal with a probability below 1e-7.
    """
    rows = np.ascontiguousarray(values).view(np.uint32).reshape(len(values), -1)
    wide = words(0, "copies").u32(2 * rows.shape[1]).astype(np.uint64)
    odd = (wide[::2] << np.uint64(32) | wide[1::2]) | np.uint64(1)
    return np.unique(_hashes(rows, odd), return_inverse=True)[1].astype(np.int64)


@kernel
def _hashes(rows, odd):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    out = np.empty(rows.shape[0], np.uint64)
    for i in range(rows.shape[0]):
        total = np.uint64(0)
        for k in range(rows.shape[1]):
            mixed = (np.uint64(rows[i, k]) + np.uint64(k)) * odd[k]
            total += mixed ^ (mixed >> np.uint64(29))
        out[i] = total
    return out


def strangers(keys: Keys, i: Ints, j: Ints) -> NDArray[np.bool_]:
    """Whether samples ``i`` and ``j`` share no key, ``(pair,)``."""
    return np.logical_and.reduce([key[i] != key[j] for key in keys])


def folds(unit: Ints, count: int, draw: Words) -> Ints:
    """Fold of each sample, ``(n,)``; all samples of a unit are in one fold.

    Args:
        unit: Kin of each sample, ``(n,)``, numbered from 0.
        count: How many folds.
        draw: Randomness.
    """
    place = np.argsort(draw.permutation(int(unit.max()) + 1))
    return (place % count)[unit]


def shuffled(within: Ints, keys: Keys, draw: Words, repeats: int = 1) -> Pairing:
    """Re-pair samples at random inside strata, never with kin.

    Args:
        within: Stratum of each sample (its fold; its fold and cluster), ``(n,)``.
        keys: Numbers that no two strangers share (group, left content, right content), ``(n,)``.
        draw: Randomness.
        repeats: How many partners each sample gets.

    Returns:
        The new pairs. A sample for which no stranger could be found has none.
    """
    n = len(within)
    lefts, rights = [], []
    for repeat in range(repeats):
        order, first, count = _circles(within, draw.u32(n, 2 * repeat))
        # one step round each stratum's random circle
        partner = order[first + (np.arange(n) - first + 1) % count]
        _untangle(order, partner, first, count, keys, draw, 2 * repeat + 1)
        stranger = strangers(keys, order, partner)
        back = np.argsort(order[stranger], kind="stable")
        lefts.append(order[stranger][back])
        rights.append(partner[stranger][back])
    return Pairing(np.concatenate(lefts), np.concatenate(rights))


def neighbouring(within: Ints, keys: Keys, draw: Words, steps: int) -> Pairing:
    """Re-pair each sample with the next ones on its stratum's random circle, each of them once.

    Args:
        within: Stratum of each sample, ``(n,)``.
        keys: As of `shuffled`.
        draw: Randomness.
        steps: How many partners each sample gets, at most; fewer in small strata, and none that is
            kin.

    Returns:
        The new pairs, by their left sample.
    """
    order, first, count = _circles(within, draw.u32(len(within)))
    place = np.arange(len(within)) - first
    partners = [order[first + (place + step) % count] for step in range(1, steps + 1)]
    once = np.concatenate([count > step for step in range(1, steps + 1)])
    pairs = Pairing(np.tile(order, steps)[once], np.concatenate(partners)[once])
    stranger = np.flatnonzero(strangers(keys, pairs.left, pairs.right))
    back = stranger[np.argsort(pairs.left[stranger], kind="stable")]
    return Pairing(pairs.left[back], pairs.right[back])


def _circles(within: Ints, key: NDArray[np.uint32]) -> tuple[Ints, Ints, Ints]:
    """Samples by stratum in a random order; where the stratum of each starts, and its size."""
    order = np.lexsort((key, within))
    starts = np.flatnonzero(np.r_[True, np.diff(within[order]) != 0])
    size = np.diff(np.r_[starts, len(within)])
    return order, np.repeat(starts, size), np.repeat(size, size)


def _untangle(
    order: Ints,
    partner: Ints,
    first: Ints,
    count: Ints,
    keys: Keys,
    draw: Words,
    stream: int,
) -> None:
    """Exchange the partners of samples that met kin with others of their stratum, in place."""
    kindred = np.flatnonzero(~strangers(keys, order, partner))
    draws = draw.uniforms(TRIES * max(len(kindred), 1), stream).reshape(-1, TRIES)
    for k, i in enumerate(kindred.tolist()):
        others = first[i] + (draws[k] * count[i]).astype(np.int64)
        here, there = np.full(TRIES, i), others
        fits = strangers(keys, order[here], partner[there])
        fits &= strangers(keys, order[there], partner[here])
        if fits.any() and not strangers(keys, order[[i]], partner[[i]])[0]:
            other = others[fits.argmax()]
            partner[[i, other]] = partner[[other, i]]


def clusters(values: NDArray[np.float32], count: int, draw: Words) -> Ints:
    """Cluster rows of length one by cosine (spherical k-means), ``(n,)``.

    Args:
        values: ``(n, d)``.
        count: How many clusters.
        draw: Randomness of the first centres.
    """
    centres = values[draw.permutation(len(values))[:count]]
    label = np.zeros(len(values), np.int64)
    rows, ones = np.arange(len(values)), np.ones(len(values), np.float32)
    for _ in range(SWEEPS):
        label = np.concatenate(
            [(values[a : a + 4096] @ centres.T).argmax(1) for a in range(0, len(values), 4096)]
        )
        members = coo_array((ones, (label, rows)), shape=(len(centres), len(values))).tocsr()
        sums = members @ values
        length = np.sqrt((sums * sums).sum(1, keepdims=True))
        centres = np.where(length > 0, sums / np.maximum(length, 1e-12), centres)
    return label
