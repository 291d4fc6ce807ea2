"""Which pairs do not belong together: all detectors, scored against both kinds of shuffled pairs.

Two nulls stand side by side. Random: partners exchanged between any two strangers. Hard: partners
exchanged between similar items, so that what is tested is more than the topic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints, Vectors
from mmaudit.measures.pairs import neighbours as lemon
from mmaudit.measures.pairs import shuffles
from mmaudit.measures.pairs.detectors import combined, head, loss_split, neighbours, similarity
from mmaudit.measures.pairs.detectors.base import Scorer, Sides
from mmaudit.measures.pairs.detectors.curves import COLUMNS as CURVES
from mmaudit.measures.pairs.detectors.curves import columns as of_curves
from mmaudit.measures.pairs.nulls import Pairs, hard_null, normalised, random_null
from mmaudit.measures.pairs.shuffles import Pairing
from mmaudit.measures.pairs.two_tower import Tower
from mmaudit.seeds import Words, words

Method = Literal["combined", "similarity", "neighbours", "head", "ncr"]
FEWEST_FOLDS = 2  # with shuffled pairs: what judges those of one is fitted on the others


class NoSharedSpaceError(ValueError):
    """A similarity was asked of sides that share no space."""


class NoStrangersError(ValueError):
    """There are too few pairs whose sides can be exchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Losses of pairs that a model was trained on, some of them mismatched on purpose.

    Attributes:
        losses: Loss of each pair after each epoch, ``(n, epoch)``.
        planted: Whether each pair was mismatched on purpose before training, ``(n,)``.
    """

    losses: Vectors
    planted: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Observed pairs beside one kind of shuffled pairs.

    Attributes:
        pairs: The shuffled pairs.
        score: Score of each, ``(m,)``; higher is a better match.
    """

    pairs: Pairing
    score: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What the detectors say of every pair.

    Attributes:
        sides: Both sides in rows of length one, and folds.
        unit: Independent unit of each pair (its group, joined with copies), ``(n,)``.
        keys: Numbers that no two strangers share, ``(n,)`` each.
        columns: Columns of the detectors that ran, ``(n,)`` each.
        score: Score of each pair, ``(n,)``; higher is a better match; None where the method is
            in-sample and has no null.
        random: Pairs shuffled at random, None likewise.
        hard: Pairs shuffled among similar items, None likewise or where there were none.
        split: The division of losses, where it ran.
        towers: Left and right tower of the heads, for each fold; none where they did not run.
        planted: Pairs that were mismatched on purpose before a training, ``(n,)``, if any were.
    """

    sides: Sides
    unit: Ints
    keys: tuple[Ints, ...]
    columns: dict[str, Vectors]
    score: Floats | None
    random: Against | None
    hard: Against | None
    split: loss_split.Split | None
    towers: dict[int, tuple[Tower, Tower]]
    planted: NDArray[np.bool_] | None = None

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Pairs that the rates are about: all but those that were planted before training."""
        return np.ones(len(self.unit), np.bool_) if self.planted is None else ~self.planted

    @property
    def shared(self) -> bool:
        """Whether both sides are in one space."""
        return self.sides.shared

    def spaces(self, rows: Ints) -> Iterator[tuple[Ints, Vectors, Vectors]]:
        """Rows with both sides in a space where their cosine means something.

        Without a shared space that is the space of the head that did not see the row; where no
        head was fitted there is none.
        """
        if self.shared:
            yield rows, self.sides.left, self.sides.right
            return
        for fold, towers in self.towers.items():
            here = rows[self.sides.fold[rows] == fold]
            if len(here):
                yield here, towers[0](self.sides.left), towers[1](self.sides.right)


def study(pairs: Pairs, method: Method, seed: int, curves: Curves | None = None) -> Study:
    """Run the detectors that a method needs.

    Args:
        pairs: The pairs.
        method: ``combined`` runs them all; ``ncr`` has no null, because its losses are of pairs
            that it was trained on.
        seed: Seed of all randomness.
        curves: Losses of a training on these pairs. Their columns join ``combined``, and the
            planted pairs are the null.

    Raises:
        NoSharedSpaceError: ``similarity`` was asked of sides that share no space.
        NoStrangersError: Too few pairs are of different groups and differ on both sides.
    """
    n = len(pairs.left)
    contents = (shuffles.copies(pairs.left), shuffles.copies(pairs.right))
    copy = np.unique(contents[0] * n + contents[1], return_inverse=True)[1]
    units = shuffles.joined(pairs.group, copy)
    fold = shuffles.folds(units, head.fold_count(n), _words(seed, "folds"))
    keys = (pairs.group, *contents)
    null = random_null(fold, keys, _words(seed, "null"), 2 if n < head.FEW else 1)
    if len(np.unique(fold[null.left])) < FEWEST_FOLDS:
        raise NoStrangersError(f"{len(null.left)} shuffled pairs")
    left, right, shared = normalised(pairs, null)
    sides = Sides(left=left, right=right, shared=shared, fold=fold, copy=copy, seed=seed)
    detectors = _Detectors.fit(sides, method)
    split = loss_split.split(sides) if method in {"combined", "ncr"} else None
    observed = detectors.columns(np.arange(n))
    columns = observed | (_of_split(split) if split else {})
    if curves is not None:
        columns |= of_curves(curves.losses)
        scored: Scored = _against_planted(columns, curves.planted, fold)
    else:
        scored = _scored(detectors, observed, method, null, keys)
    return Study(
        sides=sides,
        unit=units,
        keys=keys,
        columns=columns,
        score=scored[0],
        random=scored[1],
        hard=scored[2],
        split=split,
        towers=detectors.head.towers if detectors.head else {},
        planted=None if curves is None else curves.planted,
    )


@dataclass(frozen=True, slots=True)
class _Detectors:
    """The fitted detectors with a null."""

    sides: Sides
    similarity: Scorer | None
    neighbours: Scorer | None
    head: head.Head | None

    @classmethod
    def fit(cls, sides: Sides, method: Method) -> "_Detectors":
        every = method == "combined"
        if method == "similarity" and not sides.shared:
            raise NoSharedSpaceError("the two sides share no space, so they have no similarity")
        return cls(
            sides,
            similarity.fit(sides) if sides.shared else None,
            neighbours.fit(sides) if every or method == "neighbours" else None,
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
_USED = ("similarity_z", "neighbours_left", "neighbours_right", "head_z")
_ONE: dict[str, str] = {"similarity": "similarity", "neighbours": "neighbours", "head": "head_z"}


def _scored(
    detectors: _Detectors,
    observed: dict[str, Vectors],
    method: Method,
    null: Pairing,
    keys: tuple[Ints, ...],
) -> Scored:
    """Scores of observed pairs, whose columns are known, and of both kinds of shuffled pairs."""
    if method == "ncr":
        return None, None, None
    hard = hard_null(detectors.sides, keys)
    tables = [observed, *(detectors.columns(p.left, p.right) for p in (null, hard))]
    if method == "combined":
        fold = detectors.sides.fold
        columns = [
            combined.Columns(np.stack([t[name] for name in _USED if name in t], axis=1), folds)
            for t, folds in zip(tables, (fold, fold[null.left], fold[hard.left]), strict=True)
        ]
        scores: tuple[Floats, ...] = combined.combine(*columns)
    else:
        scores = tuple(t[_ONE[method]].astype(np.float64) for t in tables)
    matched, random, among = scores
    return (
        matched,
        Against(pairs=null, score=random),
        Against(pairs=hard, score=among) if len(hard.left) else None,
    )


def _against_planted(columns: dict[str, Vectors], planted: NDArray[np.bool_], fold: Ints) -> Scored:
    """Scores with curves among the columns: pairs that were planted before training are the null.

    Shuffled pairs have no curves, so there is no hard null.
    """
    names = [name for name in (*_USED, *CURVES) if name in columns]
    values = np.stack([columns[name] for name in names], axis=1)
    rows = np.flatnonzero(planted)
    both = [combined.Columns(values[at], fold[at]) for at in (~planted, planted)]
    score = np.empty(len(planted))
    score[~planted], score[planted] = combined.combine(*both)
    return score, Against(pairs=Pairing(rows, rows), score=score[planted]), None


def _of_split(split: loss_split.Split) -> dict[str, Vectors]:
    return {
        "loss_split": split.loss,
        "p_clean": split.clean,
        "p_clean_beta": split.clean_beta,
    }


def _words(seed: int, purpose: str) -> Words:
    return words(seed, f"noisy_pairs/{purpose}")
