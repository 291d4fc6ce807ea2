"""Shuffled pairs of both kinds, and the two sides in rows of length one."""

from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs import shuffles
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.measures.pairs.shuffles import Pairing
from mmaudit.measures.pairs.similarity import cosine, standard, unit
from mmaudit.seeds import Words

MOST_NULL = 262_144  # shuffled pairs: the band around their distribution is then below 0.003
MOST_HARD = 20_000
REPAIRINGS = 12  # of each row within its class or among similar items
MOST_REPAIRINGS = 120_000  # of all rows
ITEMS_A_CLUSTER = 50
PARTNERED = 0.5  # of the pairs, that have a stranger in their class
INFORMATIVE = 5.0  # standard errors by which cosines must beat shuffled ones to be believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The two sides of every pair, sorted by id.

    Attributes:
        left: Embeddings or features, ``(n, d)``; may be memory-mapped.
        right: Likewise, ``(n, e)``.
        group: Number of each pair's group (photo, product), ``(n,)``; distinct without groups.
        shared: Whether both sides are in one space; None: look.
        label: Number of each pair's class, ``(n,)``; None without classes.
    """

    left: Vectors
    right: Vectors
    group: Ints
    shared: bool | None = None
    label: Ints | None = None


def random_null(within: Ints, keys: tuple[Ints, ...], draw: Words, repeats: int) -> Pairing:
    """Shuffled pairs of all samples, or of `MOST_NULL` random ones."""
    n = len(within)
    rows = np.sort(draw.permutation(n, 1000)[:MOST_NULL]) if n > MOST_NULL else np.arange(n)
    pairing = shuffles.shuffled(within[rows], tuple(k[rows] for k in keys), draw, repeats)
    return Pairing(rows[pairing.left], rows[pairing.right])


@dataclass(frozen=True, slots=True)
class HardNull:
    """Pairs shuffled within their class, or among items that are alike on both sides together.

    Attributes:
        pairs: The pairs.
        within_class: Whether they are of one class.
        local: Whether there are several of every row, so that a pair can be compared with others
            of its own sides.
    """

    pairs: Pairing
    within_class: bool
    local: bool


def hard_null(sides: Sides, keys: tuple[Ints, ...], label: Ints | None = None) -> HardNull:
    """Pairs shuffled within their class, or among similar items.

    Args:
        sides: Both sides.
        keys: Numbers that no two strangers share.
        label: Class of each pair; items that are alike take its place where there are none, or so
            many that most pairs are without a stranger in theirs.
    """
    n = len(sides.left)
    draw = sides.words("hard")
    local = n <= MOST_HARD
    rows = np.arange(n) if local else np.sort(draw.permutation(n, 1000)[:MOST_HARD])
    steps = min(REPAIRINGS, MOST_REPAIRINGS // n) if local else 1

    def within(label: Ints) -> Pairing:
        strata = label * (int(sides.fold.max()) + 1) + sides.fold[rows]
        pairing = shuffles.neighbouring(strata, tuple(k[rows] for k in keys), draw, steps)
        return Pairing(rows[pairing.left], rows[pairing.right])

    if label is not None and label.min() < label.max():
        pairing = within(label[rows])
        if len(np.unique(pairing.left)) >= PARTNERED * len(rows):
            return HardNull(pairing, within_class=True, local=local)
    both = unit(np.concatenate([sides.left[rows], sides.right[rows]], axis=1))
    alike = shuffles.clusters(both, max(1, len(rows) // ITEMS_A_CLUSTER), draw)
    return HardNull(within(alike), within_class=False, local=local)


def normalised(pairs: Pairs, null: Pairing) -> tuple[Vectors, Vectors, bool]:
    """Rows of length one, and whether both sides are in one space.

    Sides of one space are compared as they are. Others are features in units of their own, so
    each column is standardised first.
    """
    if pairs.shared is not False and pairs.left.shape[1] == pairs.right.shape[1]:
        left, right = unit(pairs.left), unit(pairs.right)
        if pairs.shared or _informative(left, right, null):
            return left, right, True
    return standard(pairs.left), standard(pairs.right), False


def _informative(left: Vectors, right: Vectors, null: Pairing) -> bool:
    """Whether cosines of observed pairs beat those of shuffled pairs beyond chance."""
    i, j = null.left[:MOST_HARD], null.right[:MOST_HARD]
    gain = cosine(left, right, i, i) - cosine(left, right, i, j)
    return len(gain) > 1 and bool(gain.mean() > INFORMATIVE * gain.std() / np.sqrt(len(gain)))
