"""Which pairs do not belong together: all detectors, scored against both kinds of shuffled pairs.

Two nulls stand side by side. Random: partners exchanged between any two strangers. Hard: partners
exchanged within a class, or between similar items, so that what is tested is more than the topic.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints, Vectors
from mmaudit.measures.pairs import shuffles
from mmaudit.measures.pairs.clarity import Clarity, clarities, kin
from mmaudit.measures.pairs.contents import Strata, near_copies, strata
from mmaudit.measures.pairs.detectors import head, loss_split, neighbours
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.measures.pairs.detectors.curves import columns as of_curves
from mmaudit.measures.pairs.nulls import Pairs, hard_null, normalised, random_null
from mmaudit.measures.pairs.scoring import (
    Against,
    Detectors,
    Method,
    Nulls,
    Scored,
    against_planted,
    scored,
)
from mmaudit.measures.pairs.stratified import null_of_strata
from mmaudit.measures.pairs.two_tower import Tower
from mmaudit.seeds import Words, words

MOST_LOOKED_UP = (
    20_000  # pairs whose near copies are looked for though no detector needs neighbours
)
FEWEST_FOLDS = 2  # with shuffled pairs: what judges those of one is fitted on the others


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
class Study:
    """What the detectors say of every pair.

    Attributes:
        sides: Both sides in rows of length one, and folds.
        unit: Independent unit of each pair (its group, joined with copies), ``(n,)``.
        kin: What is no independent pair, ``(n,)`` each: units, joined with the rows that share the
            left value, and with those that share the right one, if these are few.
        keys: Numbers that no two strangers share, ``(n,)`` each.
        contents: Content of each left and each right value, near copies being one, ``(n,)`` each.
        strata: Content stratum of each pair.
        clarity: How well pairs can be recognised, by several measures.
        columns: Columns of the detectors that ran, ``(n,)`` each.
        score: Score of each pair, ``(n,)``; higher is a better match; None where the method is
            in-sample and has no null.
        random: Pairs shuffled at random, None likewise.
        hard: Pairs shuffled within their class or among similar items, None likewise or where there
            were none.
        within_class: Whether those are of one class.
        split: The division of losses, where it ran.
        towers: Left and right tower of the heads, for each fold; none where they did not run.
        planted: Pairs that were mismatched on purpose before a training, ``(n,)``, if any were.
    """

    sides: Sides
    unit: Ints
    kin: tuple[Ints, Ints]
    keys: tuple[Ints, ...]
    contents: tuple[Ints, Ints]
    strata: Strata
    clarity: tuple[Clarity, ...]
    columns: dict[str, Vectors]
    score: Floats | None
    random: Against | None
    hard: Against | None
    within_class: bool
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
    near = (
        neighbours.near(sides)
        if method in {"combined", "neighbours"} or n <= MOST_LOOKED_UP
        else None
    )
    contents = _nearly_equal(sides, contents, near)
    detectors = Detectors.fit(sides, method, near)
    split = loss_split.split(sides) if method in {"combined", "ncr"} else None
    observed = detectors.columns(np.arange(n))
    columns = observed | (_of_split(split) if split else {})
    by_content = strata(*contents)
    if curves is not None:
        columns |= of_curves(curves.losses)
        hard = None
        scores: Scored = against_planted(columns, curves.planted, fold)
    else:
        more = null_of_strata(by_content, contents, fold, keys, null, _words(seed, "strata"))
        hard = hard_null(sides, keys, pairs.label)
        nulls = Nulls(random=more[0], plain=len(null.left), stratum=more[1], hard=hard)
        scores = scored(detectors, observed, method, nulls)
    return Study(
        sides=sides,
        unit=units,
        kin=kin(units, contents),
        keys=keys,
        contents=contents,
        strata=by_content,
        clarity=clarities(
            pairs.left, pairs.right, detectors.head.moments if detectors.head else None
        ),
        columns=columns,
        score=scores[0],
        random=scores[1],
        hard=scores[2],
        within_class=hard is not None and hard.within_class,
        split=split,
        towers=detectors.head.towers if detectors.head else {},
        planted=None if curves is None else curves.planted,
    )


def _nearly_equal(
    sides: Sides, exact: tuple[Ints, Ints], near: neighbours.Near | None
) -> tuple[Ints, Ints]:
    """Content of both sides, near copies being one where neighbours are known."""
    if near is None:
        return exact
    return (
        near_copies(sides.left, exact[0], near.left),
        near_copies(sides.right, exact[1], near.right),
    )


def _of_split(split: loss_split.Split) -> dict[str, Vectors]:
    return {
        "loss_split": split.loss,
        "p_clean": split.clean,
        "p_clean_beta": split.clean_beta,
    }


def _words(seed: int, purpose: str) -> Words:
    return words(seed, f"noisy_pairs/{purpose}")
