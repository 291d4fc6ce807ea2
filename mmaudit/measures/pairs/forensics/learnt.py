"""Change points without a shared space: along a file, in the space of heads that it teaches.

A head is trained on the rows as they would stand after a first guess, on stripes of the file; the
other stripes are scored by it, and the path through their similarities says better where partners
stand.
"""

from dataclasses import replace

import numpy as np

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs import two_tower
from mmaudit.measures.pairs.forensics.candidates import DENSE, similarities
from mmaudit.measures.pairs.forensics.changes import Path, path
from mmaudit.measures.pairs.forensics.columns import OrderedPairs
from mmaudit.seeds import words

STRIPE, FOLDS = 32, 4
ROUNDS = 3
FEWEST = 40  # rows that teach a head
BETTER = 10.0  # nats by which another guess than the file as it is has to explain more
MOST_ROWS = 20_000
WIDE = 128  # dimensions that heads are taught in: a wider side takes minutes, and shows no more
RECIPE = two_tower.Schedule(epochs=15, batch=256, gradient=two_tower.info_nce)


def learnt_path(pairs: OrderedPairs, starts: list[int]) -> Path | None:
    """The best path along the file, from the best of several guesses; None where none can be had.

    Args:
        pairs: Both sides, without a shared space.
        starts: Offsets of the whole file that are tried as a guess, beside the file as it is.
    """
    n = len(pairs)
    if n > MOST_ROWS:
        return None
    near = range(-min(DENSE, n - 1), min(DENSE, n - 1) + 1)
    offsets = np.array(sorted({*near, *starts}))
    pairs = replace(pairs, left=_narrow(pairs.left), right=_narrow(pairs.right))
    best: Path | None = None
    for start in sorted({0, *starts}, key=abs):
        partner = np.arange(n) + start
        partner[(partner < 0) | (partner >= n)] = -1
        grown = _grown(pairs, partner, offsets)
        if grown is not None and (best is None or grown.value > best.value + BETTER):
            best = grown
    return best


def _narrow(rows: Vectors) -> Vectors:
    """Rows in the space of their leading principal components, where they are wide."""
    if rows.shape[1] <= WIDE:
        return rows
    centred = rows - rows.mean(0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, -WIDE:]
    return np.asarray(centred @ axes, np.float32)


def _grown(pairs: OrderedPairs, partner: Ints, offsets: Ints) -> Path | None:
    """The path from one guess, guessed again from itself as long as it becomes better."""
    best: Path | None = None
    for turn in range(ROUNDS):
        along = _path(pairs, partner, offsets, turn)
        if along is None or (best is not None and along.value <= best.value + 1.0):
            break
        best = along
        partner = np.full(len(pairs), -1)
        there = np.flatnonzero(along.state < len(offsets))
        target = there + offsets[along.state[there]]
        inside = (target >= 0) & (target < len(pairs))
        partner[there[inside]] = target[inside]
    return best


def _path(pairs: OrderedPairs, partner: Ints, offsets: Ints, turn: int) -> Path | None:
    n = len(pairs)
    fold = np.arange(n) // STRIPE % FOLDS
    used = partner >= 0
    at = np.where(used, partner, 0)
    similar = np.full((len(offsets), n), np.nan, np.float32)
    strange = []
    for k in range(FOLDS):
        rows = np.flatnonzero(used & (fold != k) & (fold[at] != k))
        if len(rows) < FEWEST:
            return None
        draw = words(turn, f"noisy_pairs/segments/{k}")
        towers = two_tower.fit(pairs.left, pairs.right[at], RECIPE, draw, rows)
        left, right = towers[0](pairs.left), towers[1](pairs.right)
        here, far = similarities(left, right, offsets)
        similar[:, fold == k] = here[:, fold == k]
        strange.append(far)
    return path(similar, offsets, np.concatenate(strange), learnt=True)
