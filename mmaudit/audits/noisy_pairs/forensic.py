"""Forensics of the pairs in the order of their file: defects, and similarity by offset."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmaudit.audits.noisy_pairs.shards import shards
from mmaudit.audits.noisy_pairs.sides import PairVectors
from mmaudit.kinds import text as text_kind
from mmaudit.measures.intervals.blocks import gathered
from mmaudit.measures.pairs.contents import BINS
from mmaudit.measures.pairs.forensics.columns import OrderedPairs, Shard
from mmaudit.measures.pairs.forensics.defect import Defect
from mmaudit.measures.pairs.forensics.examine import examine
from mmaudit.measures.pairs.forensics.shifts import offsets
from mmaudit.measures.pairs.forensics.values import Repeat, swapped
from mmaudit.measures.pairs.shuffles import joined
from mmaudit.measures.pairs.similarity import unit
from mmaudit.measures.pairs.study import Study
from mmaudit.samples.dataset import Dataset

AT_ONCE = 8192
ORDERS = {"shift", "exchanged blocks", "reversed", "permuted block", "permuted side", "sorted side"}
SWAPPED = "swapped columns"  # whose rows are each other's partners, in the wrong columns
MOST_PROFILES = 32  # shards whose similarity by offset is kept, beside that of the whole


@dataclass(frozen=True, slots=True)
class Profile:
    """Similarity at every offset of a file or of a shard of it.

    Attributes:
        shard: Name of the shard; empty for the whole.
        values: Similarity of row ``i`` and row ``i + k``, ``(m,)``, by ``k``.
    """

    shard: str
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forensics:
    """What the order of the file says.

    Attributes:
        defects: Mismatches with one cause, the largest first; rows are rows of the file.
        profiles: Of the whole, of the shards that have a defect, and of the first others.
        shared: Whether the similarity is a cosine.
    """

    defects: tuple[Defect, ...]
    profiles: tuple[Profile, ...]
    shared: bool

    def mismatched(self, n: int) -> NDArray[np.bool_]:
        """Rows of the file, of ``n``, whose two sides do not belong together by some defect."""
        out = np.zeros(n, np.bool_)
        for defect in self.defects:
            stays = (defect.partner == np.arange(n)) & (defect.name != SWAPPED)
            out |= defect.rows & ~stays
        return out


def look_into(
    dataset: Dataset,
    vectors: PairVectors,
    study: Study,
    back: NDArray[np.int64],
    *,
    column: str | None,
    space: str,
    misfits: tuple[int, ...],
) -> Forensics:
    """Look at the pairs in the order of the file.

    Where nobody said whether the sides share a space, a file that is out of order as a whole hides
    that they do: an order that is found in a shared space proves it. Swapped columns are seen by
    what the two sides look like, whether they share a space or not.

    Args:
        dataset: The selection.
        vectors: Both sides.
        study: The study of the pairs, in the order of their ids.
        back: Place of each pair of ``vectors`` among the sorted ids.
        column: Column that names the shard of a row; None takes the files.
        space: ``auto``, ``shared`` or ``separate``, as asked.
        misfits: Content strata of single values that do not fit their rows.
    """
    in_order = bool((back == np.arange(len(back))).all())
    left, right = (
        s if in_order else gathered(s, back) for s in (study.sides.left, study.sides.right)
    )
    parts = shards(dataset, vectors.positions, column)
    kin = joined(study.unit, study.contents[0])[back]
    look = OrderedPairs(left=left, right=right, shared=study.shared, shards=parts, kin=kin)
    content = study.contents[1][back]
    repeats = tuple(_repeat(study, k, back) for k in misfits)

    def ordered(rows: NDArray[np.int64]) -> str:
        return _ordered(dataset, vectors, rows)

    defects = examine(look, content, ordered, repeats)
    if study.shared or vectors.left.shape[1] != vectors.right.shape[1]:
        return Forensics(defects, _profiles(look, defects), look.shared)
    raw = replace(look, left=unit(vectors.left), right=unit(vectors.right), shared=True)
    if space == "auto" and vectors.shared is None:
        proof = examine(raw, content, ordered, repeats)
        if any(d.name in ORDERS for d in proof):
            return Forensics(proof, _profiles(raw, proof), raw.shared)
    turned = swapped(raw)
    if turned is not None:
        defects = (*defects, replace(turned, before=None, after=None))
    return Forensics(defects, _profiles(look, defects), look.shared)


def _repeat(study: Study, number: int, back: NDArray[np.int64]) -> Repeat:
    """The rows of a content stratum in the order of the file."""
    side = "left" if study.strata.on_left[number - BINS] else "right"
    return Repeat(side, study.strata.number[back] == number)


def _profiles(look: OrderedPairs, defects: tuple[Defect, ...]) -> tuple[Profile, ...]:
    hit = {d.shard for d in defects}
    first = sorted(look.shards, key=lambda s: s.name not in hit)[:MOST_PROFILES]
    names = {s.name for s in first}
    profiled: list[Shard] = [look.whole, *(s for s in look.shards if s.name in names)]
    return tuple(Profile(s.name, offsets(look.part(s))) for s in profiled)


def _ordered(dataset: Dataset, vectors: PairVectors, rows: NDArray[np.int64]) -> str:
    """Which side's texts stand in order among some rows, if one side's do."""
    positions = vectors.positions[rows]
    for name in vectors.names:
        if dataset.kinds.get(name) != text_kind.NAME:
            continue
        texts = [
            text
            for start in range(0, len(positions), AT_ONCE)
            for text in dataset.cells(name, positions[start : start + AT_ONCE]).to_pylist()
        ]
        if len(set(texts)) < 2 or not all(isinstance(t, str) for t in texts):
            continue
        lengths = [len(text) for text in texts]
        for how, values in (("in alphabetical order", texts), ("in order of length", lengths)):
            if list(values) == sorted(values):
                return f"{name} is {how}"
            if list(values) == sorted(values, reverse=True):
                return f"{name} is {how}, backwards"
    return ""
