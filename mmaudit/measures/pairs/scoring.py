"""Scores: every detector on observed pairs and on shuffled ones, fitted once."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints, Vectors
from mmaudit.measures.pairs import neighbours as lemon
from mmaudit.measures.pairs.detectors import combined, head, neighbours, similarity
from mmaudit.measures.pairs.detectors.base import Scorer, Sides
from mmaudit.measures.pairs.detectors.blended import blend
from mmaudit.measures.pairs.detectors.curves import COLUMNS as CURVES
from mmaudit.measures.pairs.detectors.neighbours import Near
from mmaudit.measures.pairs.nulls import HardNull
from mmaudit.measures.pairs.shuffles import Pairing

Method = Literal["combined", "similarity", "neighbours", "head", "ncr"]


class NoSharedSpaceError(ValueError):
    """A similarity was asked of sides that share no space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Observed pairs beside one kind of shuffled pairs.

    Attributes:
        pairs: The shuffled pairs.
        score: Score of each, ``(m,)``; higher is a better match.
        plain: How many of them, the first ones, shuffle everything alike.
        stratum: Content stratum that each stands for, ``(m,)``, -1 for none; None where all stand
            for all pairs.
        local: Whether pairs are compared by how far they stand above others of their own sides.
    """

    pairs: Pairing
    score: Floats
    plain: int
    stratum: Ints | None = None
    local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nulls:
    """Both kinds of shuffled pairs.

    Attributes:
        random: Shuffled at random; the first ``plain`` of them everything alike.
        plain: How many.
        stratum: Content stratum that each of them stands for, ``(m,)``, -1 for none.
        hard: Shuffled within classes, or among similar items.
    """

    random: Pairing
    plain: int
    stratum: Ints
    hard: HardNull

    def pairings(self) -> tuple[Pairing, Pairing, Pairing]:
        """Those that shuffle everything alike, more of single strata, and the hard ones."""
        first, rest = (
            Pairing(self.random.left[at], self.random.right[at])
            for at in (slice(self.plain), slice(self.plain, None))
        )
        return first, rest, self.hard.pairs


@dataclass(frozen=True, slots=True)
class Detectors:
    """The fitted detectors with a null."""

    sides: Sides
    similarity: Scorer | None
    neighbours: Scorer | None
    head: head.Head | None

    @classmethod
    def fit(cls, sides: Sides, method: Method, near: Near | None) -> "Detectors":
        """Fit those that a method needs; `near` is what the neighbours go by."""
        every = method == "combined"
        if method == "similarity" and not sides.shared:
            raise NoSharedSpaceError("the two sides share no space, so they have no similarity")
        return cls(
            sides,
            similarity.fit(sides) if sides.shared else None,
            neighbours.fit(sides, near) if near and (every or method == "neighbours") else None,
            head.fit(sides) if every or method == "head" else None,
        )

    def columns(self, i: Ints, j: Ints | None = None) -> dict[str, Vectors]:
        """Columns of pairs ``(i, j)``, ``(i, i)`` by default; all rise with a better match."""
        j = i if j is None else j
        out: dict[str, Vectors] = {}
        parts = (
            (self.similarity, similarity.COLUMNS),
            (self.neighbours, neighbours.COLUMNS),
            (self.head, head.COLUMNS),
        )
        for scorer, names in parts:
            if scorer is not None:
                out |= dict(zip(names, scorer(i, j).T, strict=True))
        if "neighbours_left" in out:
            out["neighbours"] = self._lemon(out)
        return out

    def _lemon(self, columns: dict[str, Vectors]) -> Vectors:
        terms = columns["neighbours_left"] + columns["neighbours_right"]
        if "similarity" not in columns:
            return terms
        return columns["similarity"] - 1.0 + np.float32(lemon.WEIGHT) * terms


Scored = tuple[Floats | None, Against | None, Against | None]
USED = ("similarity_z", "neighbours_left", "neighbours_right", "head_z")
_ONE: dict[str, str] = {"similarity": "similarity", "neighbours": "neighbours", "head": "head_z"}


def scored(
    detectors: Detectors, observed: dict[str, Vectors], method: Method, nulls: Nulls
) -> Scored:
    """Scores of observed pairs, whose columns are known, and of both kinds of shuffled pairs.

    Classifiers are fitted on the pairs that shuffle everything alike; those that are more of some
    strata are scored only.
    """
    if method == "ncr":
        return None, None, None
    pairings = nulls.pairings()
    tables = [observed, *(detectors.columns(p.left, p.right) for p in pairings)]
    if method == "combined":
        fold = detectors.sides.fold
        folds = (fold, *(fold[p.left] for p in pairings))
        columns = [
            combined.Columns(np.stack([t[name] for name in USED if name in t], axis=1), at)
            for t, at in zip(tables, folds, strict=True)
        ]
        scores: tuple[Floats, ...] = blend(*columns)
    else:
        scores = tuple(t[_ONE[method]].astype(np.float64) for t in tables)
    matched, plain, more, among = scores
    random = Against(
        pairs=nulls.random,
        score=np.concatenate([plain, more]),
        plain=len(plain),
        stratum=nulls.stratum,
    )
    if not len(among):
        return matched, random, None
    hard = Against(pairs=nulls.hard.pairs, score=among, plain=len(among), local=nulls.hard.local)
    return matched, random, hard


def against_planted(columns: dict[str, Vectors], planted: NDArray[np.bool_], fold: Ints) -> Scored:
    """Scores with curves among the columns: pairs that were planted before training are the null.

    Shuffled pairs have no curves, so there is no hard null.
    """
    names = [name for name in (*USED, *CURVES) if name in columns]
    values = np.stack([columns[name] for name in names], axis=1)
    rows = np.flatnonzero(planted)
    both = [combined.Columns(values[at], fold[at]) for at in (~planted, planted)]
    score = np.empty(len(planted))
    score[~planted], score[planted] = blend(*both)
    return score, Against(pairs=Pairing(rows, rows), score=score[planted], plain=len(rows)), None
