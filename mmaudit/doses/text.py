"""Doses of text: how much of it was edited."""

import numpy as np
from numpy.typing import NDArray

from mmaudit.doses.base import Dose
from mmaudit.kernels import kernel

CODEC = "utf-32-le"


def edit_rate(clean: str, corrupted: str) -> float:
    """Levenshtein distance in code points over the length of the longer text, in [0, 1].

    0 where the texts are equal, 1 where no code point could be kept. Insertion, deletion and
    substitution of a code point cost 1 each.

    Example:
        >>> edit_rate("a small dog", "a smal dog")
        0.09090909090909091

    References:
        Myers 1999, "A fast bit-vector algorithm for approximate string matching based on dynamic
        programming", doi:10.1145/316542.316550; in blocks of 64 as in Hyyrö 2003, "A bit-vector
        algorithm for computing Levenshtein and Damerau edit distances".
    """
    if clean == corrupted:
        return 0.0
    a, b = _codes(clean), _codes(corrupted)
    return float(distance(a, b)) / max(a.size, b.size)


EDIT_RATE = Dose(name="edit_rate", unit="1", rises=True, measure=edit_rate)


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode(CODEC, "surrogatepass"), "<u4")


def distance(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> int:
    """Levenshtein distance between two arrays of code points."""
    shorter = min(a.size, b.size)
    unlike = np.flatnonzero(a[:shorter] != b[:shorter])
    head = int(unlike[0]) if unlike.size else shorter
    a, b = a[head:], b[head:]
    shorter = min(a.size, b.size)
    unlike = np.flatnonzero(a[a.size - shorter :] != b[b.size - shorter :])
    tail = shorter - 1 - int(unlike[-1]) if unlike.size else shorter
    a, b = a[: a.size - tail], b[: b.size - tail]
    if not a.size or not b.size:
        return max(a.size, b.size)
    alphabet, dense = np.unique(np.concatenate([a, b]), return_inverse=True)
    with np.errstate(over="ignore"):  # the sum of the recurrence carries out of its word
        return int(_blocks(dense[: a.size], dense[a.size :], alphabet.size))


@kernel
def _blocks(a: NDArray[np.int64], b: NDArray[np.int64], alphabet: int) -> np.int64:
    """Myers' algorithm with a column of differences in words of 64 bits."""
    one, top = np.uint64(1), np.uint64(63)
    blocks = (a.size + 63) // 64
    equal = np.zeros((alphabet, blocks), np.uint64)
    for i in range(a.size):
        equal[a[i], i // 64] |= one << np.uint64(i % 64)
    plus = np.full(blocks, ~np.uint64(0), np.uint64)
    minus = np.zeros(blocks, np.uint64)
    end = one << np.uint64((a.size - 1) % 64)
    score = np.int64(a.size)
    for j in range(b.size):
        plus_in, minus_in = one, np.uint64(0)  # the row above the table rises by one a column
        for k in range(blocks):
            p, m, e = plus[k], minus[k], equal[b[j], k]
            vertical = e | m
            e |= minus_in
            horizontal = (((e & p) + p) ^ p) | e
            up, down = m | ~(horizontal | p), p & horizontal
            if k == blocks - 1:
                score += np.int64(up & end != 0) - np.int64(down & end != 0)
            plus_out, minus_out = up >> top, down >> top
            up, down = (up << one) | plus_in, (down << one) | minus_in
            plus[k], minus[k] = down | ~(vertical | up), up & vertical
            plus_in, minus_in = plus_out, minus_out
    return score
