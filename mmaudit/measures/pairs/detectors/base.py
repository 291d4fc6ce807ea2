"""What a detector of mismatched pairs is: fit once, then score any pair of rows.

A detector is a module with ``fit(sides) -> Scorer``. The scorer takes a left row and a right row
for each pair, so that observed pairs, shuffled pairs and suggestions are scored by one function.
Every column rises with a better match.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mmaudit.arrays import Ints, Vectors
from mmaudit.seeds import Words, words

Scorer = Callable[[Ints, Ints], Vectors]  # (pair,), (pair,) -> (pair, column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two sides of a set of pairs, sorted by id.

    Attributes:
        left: Rows of length one, ``(n, d)``.
        right: Likewise, ``(n, e)``.
        shared: Whether both sides are in one space, so that their cosine means something.
        fold: Fold of each sample, ``(n,)``; a model scores only folds it was not trained on.
        copy: Number of each pair's content, equal for exact copies of a pair, ``(n,)``.
        seed: Seed of all randomness.
    """

    left: Vectors
    right: Vectors
    shared: bool
    fold: Ints
    copy: Ints
    seed: int

    def words(self, purpose: str) -> Words:
        """Randomness for one purpose."""
        return words(self.seed, f"noisy_pairs/{purpose}")
