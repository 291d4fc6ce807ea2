"""Clarity: in which pairs a mismatch would be seen, by each side alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from mmaudit.arrays import Floats, Ints, Vectors
from mmaudit.measures.intervals.blocks import blocks
from mmaudit.measures.pairs.contents import MANY
from mmaudit.measures.pairs.shuffles import joined
from mmaudit.measures.pairs.similarity import Null

HALF, THIRD = 1 / 2, 1 / 3
ALIKE = 0.01  # of the mean length: rows whose lengths differ by less have one length


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarity:
    """How well the two sides of a pair can be recognised, as ranks in [0, 1] that are added.

    Attributes:
        left: Of each left row, ``(n,)``.
        right: Of each right row.
        share: Share of the pairs that count as clear.
    """

    left: Floats
    right: Floats
    share: float


def clarities(left: Vectors, right: Vectors, moments: Null | None) -> tuple[Clarity, ...]:
    """Measures of clarity that these sides have.

    A side whose cosines with anything differ little, or whose vector is short before it is scaled,
    may say nothing: pairs of it look mismatched whatever they are.

    Args:
        left: Rows as they came, ``(n, d)``.
        right: Likewise.
        moments: Mean and standard deviation of each side's cosines with all partners, if known.
    """
    return tuple(_clarities(left, right, moments))


def _clarities(left: Vectors, right: Vectors, moments: Null | None) -> Iterator[Clarity]:
    if moments is not None:
        yield Clarity(left=_ranks(moments.left_sd), right=_ranks(moments.right_sd), share=HALF)
    none = np.zeros(len(left))
    for k, side in enumerate((left, right)):
        length = np.concatenate([np.linalg.norm(side[at], axis=1) for at in blocks(len(side))])
        if length.std() > ALIKE * length.mean():
            rank = _ranks(length)
            yield Clarity(left=none if k else rank, right=rank if k else none, share=THIRD)


def _ranks(values: Vectors) -> Floats:
    return np.asarray(rankdata(values) / len(values), np.float64)


def kin(unit: Ints, contents: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Rows that are no independent pairs, ``(n,)`` each: by the left value and by the right one.

    Units are joined with the rows that share a value, if these are few: what stands in many rows is
    a stratum, and its rows are compared with strangers that hold it too.
    """
    n = len(unit)
    several = [
        np.where(np.bincount(content)[content] < MANY, content, n + np.arange(n))
        for content in contents
    ]
    return joined(unit, several[0]), joined(unit, several[1])
