"""Which coalitions are asked beside each modality alone: every size as often, each with its other.

A coalition and all that are not in it are a pair. Where there are few coalitions of a size none is
drawn twice.

References:
    Musco and Witter 2024, "Provably accurate Shapley value estimation via leverage score
    sampling", arXiv:2410.01917 (every size as often)
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Bools
from mmaudit.seeds import permanent

LISTED = 512  # coalitions of a size that are listed, so that none is drawn twice


@dataclass(frozen=True, slots=True)
class Stratum:
    """The coalitions of one size, each with its complement.

    Attributes:
        size: How many are in the smaller one.
        pairs: How many pairs there are.
        drawn: How many are drawn.
        players: How many play.
    """

    size: int
    pairs: int
    drawn: int
    players: int

    @property
    def listed(self) -> bool:
        """Whether none is drawn twice."""
        return self.pairs <= LISTED

    @property
    def unseen(self) -> float:
        """Share of the variance that is there still: none where all are drawn."""
        return 1 - self.drawn / self.pairs if self.listed else 1.0

    @property
    def weight(self) -> float:
        """Of each coalition that is drawn: a size weighs the same however many are."""
        both = 2 if 2 * self.size == self.players else 1
        return 1 / (self.size * (self.players - self.size) * max(self.drawn, 1) * both)


@cache
def strata(players: int, count: int) -> tuple[Stratum, ...]:
    """How many pairs of each size there are: all of one alone, and ``count`` of the others."""
    sizes = range(1, players // 2 + 1)
    pairs = {s: comb(players, s) // (2 if 2 * s == players else 1) for s in sizes}
    drawn = {s: pairs[s] if s == 1 else 0 for s in sizes}
    for _ in range(count):
        able = [s for s in sizes if s > 1 and (drawn[s] < pairs[s] or pairs[s] > LISTED)]
        if not able:
            break
        fewest = min(able, key=lambda s: drawn[s] * (2 if 2 * s == players else 1))
        drawn[fewest] += 1
    return tuple(Stratum(s, pairs[s], drawn[s], players) for s in sizes)


def coalitions(keys: NDArray[np.uint64], players: int, plan: tuple[Stratum, ...]) -> Bools:
    """The smaller coalition of each pair that is drawn, ``(sample, pair, player)``, by size."""
    out = [np.zeros((keys.size, 0, players), bool)]
    for stratum in plan[1:]:
        own = keys ^ np.uint64(stratum.size)
        if stratum.listed:
            order = np.argsort(permanent(own, stratum.pairs), axis=1, kind="stable")
            out.append(_listed(players, stratum.size)[order[:, : stratum.drawn]])
        else:
            words = permanent(own, stratum.drawn * players)
            rank = words.reshape(keys.size, stratum.drawn, players).argsort(axis=2).argsort(axis=2)
            out.append(rank < stratum.size)
    return np.concatenate(out, axis=1)


@cache
def _listed(players: int, size: int) -> Bools:
    """All coalitions of one size; of each and its complement, where both have it, one."""
    some = np.array(list(combinations(range(players), size)))
    some = some[some[:, 0] == 0] if 2 * size == players else some
    return (some[:, :, None] == np.arange(players)).any(axis=1)
