"""Shuffled pairs of every content stratum, as many as its rates need."""

import numpy as np

from mmaudit.arrays import Bools, Ints
from mmaudit.measures.pairs.contents import BINS, Strata
from mmaudit.measures.pairs.shuffles import Keys, Pairing, strangers
from mmaudit.seeds import Words

LEAST = 400  # shuffled pairs of a stratum
TIMES = 4  # its rows, where it is a single value
MOST = 20_000
TRIES = 3  # draws for each pair that is wanted: kin are refused


def stratum_of(strata: Strata, pairing: Pairing) -> Ints:
    """Stratum that each shuffled pair stands for, ``(pair,)``; -1 for none.

    It is that of the right row's value, else that of the left row's, else the bin of the right row.
    """
    of_left = strata.of_left_value()
    right, left = strata.number[pairing.right], strata.number[pairing.left]
    by_right = (right >= BINS) & ~of_left[pairing.right]
    other = np.where(of_left[pairing.right], -1, right)
    return np.where(by_right, right, np.where(of_left[pairing.left], left, other))


def null_of_strata(
    strata: Strata,
    contents: tuple[Ints, Ints],
    fold: Ints,
    keys: Keys,
    pairing: Pairing,
    draw: Words,
) -> tuple[Pairing, Ints]:
    """Shuffled pairs, and more of them for the strata that have few, with their strata.

    Args:
        strata: Of the observed pairs.
        contents: Content of each left and each right value, ``(n,)`` each.
        fold: Fold of each row: both rows of a pair are of one fold.
        keys: Numbers that no two strangers share.
        pairing: Shuffled pairs of everything.
        draw: Randomness.

    Returns:
        The pairs, ``pairing`` first, and the stratum of each, -1 for none.
    """
    stratum = stratum_of(strata, pairing)
    have = np.bincount(stratum[stratum >= 0], minlength=int(strata.number.max()) + 1)
    order = np.argsort(fold, kind="stable")
    size = np.bincount(fold)
    starts = np.concatenate([[0], size.cumsum()[:-1]])
    of_left = strata.of_left_value()
    parts, numbers = [pairing], [stratum]
    for number in np.unique(strata.number).tolist():
        rows = np.flatnonzero(strata.number == number)
        wanted = min(MOST, max(LEAST, TIMES * len(rows) if number >= BINS else 0)) - have[number]
        if wanted <= 0:
            continue
        u = draw.uniforms(2 * TRIES * int(wanted), number).reshape(2, -1)
        here = rows[(u[0] * len(rows)).astype(np.int64)]
        other = order[starts[fold[here]] + (u[1] * size[fold[here]]).astype(np.int64)]
        i, j = (here, other) if of_left[rows[0]] else (other, here)
        fits = strangers(keys, i, j) & _apart(strata, contents, number, i, j, of_left)
        at = np.flatnonzero(fits)[: int(wanted)]
        parts.append(Pairing(i[at], j[at]))
        numbers.append(np.full(len(at), number))
    pairs = Pairing(
        np.concatenate([p.left for p in parts]), np.concatenate([p.right for p in parts])
    )
    return pairs, np.concatenate(numbers)


def _apart(
    strata: Strata, contents: tuple[Ints, Ints], number: int, i: Ints, j: Ints, of_left: Bools
) -> Bools:
    """Whether the stranger is no row of the repeated value; of a bin, of no left value."""
    if number < BINS:
        return ~of_left[i]
    content = contents[0] if strata.on_left[number - BINS] else contents[1]
    return content[i] != content[j]
