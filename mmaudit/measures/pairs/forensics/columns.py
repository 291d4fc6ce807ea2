"""What forensics look at: both sides in the order of the file, and its shards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Ints, Vectors
from mmaudit.measures.pairs.similarity import cosine


@dataclass(frozen=True, slots=True)
class Shard:
    """Rows that were written together: a file of the dataset, a session.

    Attributes:
        name: What people call it; empty for the whole.
        rows: Its rows in the order of the file, ``(m,)``, rising.
    """

    name: str
    rows: Ints

    @property
    def where(self) -> str:
        """Words that follow what is said of it."""
        return f" in {self.name}" if self.name else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedPairs:
    """Both sides of all pairs in the order of the file.

    Attributes:
        left: Rows of length one, ``(n, d)``; may be memory-mapped.
        right: Likewise, ``(n, e)``.
        shared: Whether both sides are in one space, so that their cosine means something.
        shards: The shards, none where the file is one.
        kin: Number of what each row is one of several of (a group, copies of a value), ``(n,)``;
            None where rows are apart.
    """

    left: Vectors
    right: Vectors
    shared: bool
    shards: tuple[Shard, ...] = ()
    kin: Ints | None = None

    def __len__(self) -> int:
        return len(self.left)

    @property
    def whole(self) -> Shard:
        """All rows."""
        return Shard("", np.arange(len(self)))

    @property
    def pieces(self) -> tuple[Shard, ...]:
        """The shards; the whole where the file is one."""
        return self.shards or (self.whole,)

    def part(self, shard: Shard) -> "OrderedPairs":
        """The rows of a shard alone, without a copy where it is the whole."""
        if len(shard.rows) == len(self):
            return OrderedPairs(left=self.left, right=self.right, shared=self.shared)
        left, right = self.left[shard.rows], self.right[shard.rows]
        return OrderedPairs(left=left, right=right, shared=self.shared)

    def cosines(self, i: Ints, j: Ints) -> Vectors:
        """Cosine of left row ``i`` and right row ``j``, ``(pair,)``."""
        return cosine(self.left, self.right, i, j)

    def own(self) -> Vectors:
        """Cosine of each row's two sides as they are, ``(n,)``."""
        rows = np.arange(len(self))
        return self.cosines(rows, rows)

    def strange(self) -> Vectors:
        """Cosines of rows that are far apart in the file: nearly all of them strangers."""
        n = len(self)
        rows = np.arange(n)
        steps = sorted({n // 2, n // 3, 2 * n // 5})
        return np.concatenate([self.cosines(rows, (rows + k) % n) for k in steps])

    def shard_of(self, rows: NDArray[np.bool_]) -> Shard:
        """The one shard that holds all of these rows; the whole where there is none."""
        there = np.flatnonzero(rows)
        return next((s for s in self.shards if np.isin(there, s.rows).all()), self.whole)
