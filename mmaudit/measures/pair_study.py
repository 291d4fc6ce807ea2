"""Which pairs do not belong together: all detectors, scored against both kinds of shuffled pairs.

Two nulls stand side by side. Random: partners exchanged between any two strangers. Hard: partners
exchanged between similar items, so that what is tested is more than the topic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmaudit.measures import neighbours as lemon
from mmaudit.measures import repairing
from mmaudit.measures.detectors import combined, head, loss_split, neighbours, similarity
from mmaudit.measures.detectors.base import Floats, Indices, Scorer, Sides
from mmaudit.measures.pair_similarity import cosine, standard, unit
from mmaudit.measures.repairing import Pairing
from mmaudit.seeds import Words, words

Method = Literal["combined", "similarity", "neighbours", "head", "ncr"]
Scores = NDArray[np.float64]
MOST_NULL = 262_144  # shuffled pairs: the band around their distribution is then below 0.003
MOST_HARD = 20_000
ITEMS_A_CLUSTER = 50
INFORMATIVE = 5.0  # standard errors by which cosines must beat shuffled ones to be believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The two sides of every pair, sorted by id.

    Attributes:
        left: Embeddings or features, ``(n, d)``; may be memory-mapped.
        right: Likewise, ``(n, e)``.
        group: Number of each pair's group (photo, product), ``(n,)``; distinct without groups.
        shared: Whether both sides are in one space; None: look.
    """

    left: Floats
    right: Floats
    group: Indices
    shared: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Observed pairs beside one kind of shuffled pairs.

    Attributes:
        pairs: The shuffled pairs.
        score: Score of each, ``(m,)``; higher is a better match.
    """

    pairs: Pairing
    score: Scores


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
        head: The heads, where they ran.
    """

    sides: Sides
    unit: Indices
    keys: tuple[Indices, ...]
    columns: dict[str, Floats]
    score: Scores | None
    random: Against | None
    hard: Against | None
    split: loss_split.Split | None
    head: head.Head | None

    @property
    def shared(self) -> bool:
        """Whether both sides are in one space."""
        return self.sides.shared

    def spaces(self, rows: Indices) -> Iterator[tuple[Indices, Floats, Floats]]:
        """Rows with both sides in a space where their cosine means something.

        Without a shared space that is the space of the head that did not see the row; where no
        head was fitted there is none.
        """
        if self.shared:
            yield rows, self.sides.left, self.sides.right
            return
        for fold, towers in (self.head.towers if self.head else {}).items():
            here = rows[self.sides.fold[rows] == fold]
            if len(here):
                yield here, towers[0](self.sides.left), towers[1](self.sides.right)


def study(pairs: Pairs, method: Method, seed: int) -> Study:
    """Run the detectors that a method needs.

    Args:
        pairs: The pairs.
        method: ``combined`` runs them all; ``ncr`` has no null, because its losses are of pairs
            that it was trained on.
        seed: Seed of all randomness.

    Raises:
        ValueError: ``similarity`` was asked of sides that share no space.
    """
    n = len(pairs.left)
    contents = (repairing.copies(pairs.left), repairing.copies(pairs.right))
    copy = np.unique(contents[0] * n + contents[1], return_inverse=True)[1]
    units = repairing.joined(pairs.group, copy)
    fold = repairing.folds(units, head.fold_count(n), _words(seed, "folds"))
    keys = (pairs.group, *contents)
    null = _few(fold, keys, _words(seed, "null"), 2 if n < head.FEW else 1, MOST_NULL)
    left, right, shared = normalised(pairs, null)
    sides = Sides(left=left, right=right, shared=shared, fold=fold, copy=copy, seed=seed)
    found = _Detectors.fit(sides, method)
    split = loss_split.split(sides) if method in {"combined", "ncr"} else None
    columns = found.columns(np.arange(n)) | (_of_split(split) if split else {})
    score, random, hard = _scored(sides, found, method, null, keys)
    return Study(
        sides=sides,
        unit=units,
        keys=keys,
        columns=columns,
        score=score,
        random=random,
        hard=hard,
        split=split,
        head=found.head,
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
            raise ValueError("the two sides share no space, so they have no similarity")
        return cls(
            sides,
            similarity.fit(sides) if sides.shared else None,
            neighbours.fit(sides) if every or method == "neighbours" else None,
            head.fit(sides) if every or method == "head" else None,
        )

    def columns(self, i: Indices, j: Indices | None = None) -> dict[str, Floats]:
        """Columns of pairs ``(i, j)``, ``(i, i)`` by default; all rise with a better match."""
        j = i if j is None else j
        out: dict[str, Floats] = {}
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

    def _lemon(self, columns: dict[str, Floats]) -> Floats:
        terms = columns["neighbours_left"] + columns["neighbours_right"]
        if "similarity" not in columns:
            return terms
        return columns["similarity"] - 1.0 + np.float32(lemon.WEIGHT) * terms


_USED = ("similarity_z", "neighbours_left", "neighbours_right", "head_z")
_ONE: dict[str, str] = {"similarity": "similarity", "neighbours": "neighbours", "head": "head_z"}


def _scored(
    sides: Sides, found: _Detectors, method: Method, null: Pairing, keys: tuple[Indices, ...]
) -> tuple[Scores | None, Against | None, Against | None]:
    """Scores of observed pairs and of both kinds of shuffled pairs."""
    if method == "ncr":
        return None, None, None
    n = len(sides.left)
    rows = np.arange(n)
    hard = _hard(sides, keys)
    asked = [Pairing(rows, rows), null, hard]
    told = [found.columns(p.left, p.right) for p in asked]
    if method == "combined":
        columns = [
            combined.Columns(
                np.stack([t[name] for name in _USED if name in t], axis=1), sides.fold[p.left]
            )
            for p, t in zip(asked, told, strict=True)
        ]
        scores: tuple[Scores, ...] = combined.combine(*columns)
    else:
        scores = tuple(t[_ONE[method]].astype(np.float64) for t in told)
    observed, random, among = scores
    return (
        observed,
        Against(pairs=null, score=random),
        Against(pairs=hard, score=among) if len(hard.left) else None,
    )


def _of_split(split: loss_split.Split) -> dict[str, Floats]:
    return {
        "loss_split": split.loss,
        "p_clean": split.clean,
        "p_clean_beta": split.clean_beta,
    }


def _words(seed: int, purpose: str) -> Words:
    return words(seed, f"noisy_pairs/{purpose}")


def _few(
    within: Indices, keys: tuple[Indices, ...], draw: Words, repeats: int, most: int
) -> Pairing:
    """Shuffled pairs of all samples, or of ``most`` random ones."""
    n = len(within)
    rows = np.sort(draw.permutation(n, 1000)[:most]) if n > most else np.arange(n)
    found = repairing.shuffled(within[rows], tuple(k[rows] for k in keys), draw, repeats)
    return Pairing(rows[found.left], rows[found.right])


def _hard(sides: Sides, keys: tuple[Indices, ...]) -> Pairing:
    """Pairs shuffled among items that are alike on both sides taken together."""
    n = len(sides.left)
    draw = sides.words("hard")
    rows = np.sort(draw.permutation(n, 1000)[:MOST_HARD]) if n > MOST_HARD else np.arange(n)
    both = unit(np.concatenate([sides.left[rows], sides.right[rows]], axis=1))
    label = repairing.clusters(both, max(1, len(rows) // ITEMS_A_CLUSTER), draw)
    within = label * (int(sides.fold.max()) + 1) + sides.fold[rows]
    found = repairing.shuffled(within, tuple(k[rows] for k in keys), draw)
    return Pairing(rows[found.left], rows[found.right])


def normalised(pairs: Pairs, null: Pairing) -> tuple[Floats, Floats, bool]:
    """Rows of length one, and whether both sides are in one space.

    Sides of one space are compared as they are. Others are features in units of their own, so
    each column is standardised first.
    """
    if pairs.shared is not False and pairs.left.shape[1] == pairs.right.shape[1]:
        left, right = unit(pairs.left), unit(pairs.right)
        if pairs.shared or _informative(left, right, null):
            return left, right, True
    return standard(pairs.left), standard(pairs.right), False


def _informative(left: Floats, right: Floats, null: Pairing) -> bool:
    """Whether cosines of observed pairs beat those of shuffled pairs beyond chance."""
    i, j = null.left[:MOST_HARD], null.right[:MOST_HARD]
    gain = cosine(left, right, i, i) - cosine(left, right, i, j)
    return len(gain) > 1 and bool(gain.mean() > INFORMATIVE * gain.std() / np.sqrt(len(gain)))
