"""Runs of donors: which donors of a pool each sample has, and which samples have the same.

A pool is cut into runs of as many donors as answers are averaged over, and each sample has one run,
by a random number of its unit. Samples of different runs share no donor, so that numbers that are
drawn again run by run vary as they do with other donors and other samples.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from mmaudit.arrays import Ints, Words
from mmaudit.seeds import digests

OWN = "donors/own"  # purpose of the random numbers that say which donors a sample has
RUN = "donors/run"  # of those that runs are drawn by
FEWEST = 16  # runs below which samples have donors from any place of the pool on


def words_of(seed: int, units: Sequence[str]) -> Words:
    """The random number of each sample, ``(n,)``.

    Args:
        seed: The run's seed.
        units: Id of each sample, or of the group that it belongs to.
    """
    return digests(seed, OWN, list(units))


def runs_of(sizes: Mapping[str, int], k: int) -> dict[str, int]:
    """How many runs the pool of each modality has; 0 where it has fewer than `FEWEST`.

    The number of each is a multiple of the least, so that samples that share no run of the shortest
    pool share none of the others.

    Args:
        sizes: How many donors each pool has.
        k: How many donors a sample has.
    """
    whole = {m: size // k for m, size in sizes.items()}
    enough = [count for count in whole.values() if count >= FEWEST]
    least = min(enough, default=0)
    return {m: count // least * least if count >= FEWEST else 0 for m, count in whole.items()}


def starts(words: Words, size: int, runs: int, k: int) -> Ints | None:
    """Where the donors of each sample begin in a pool, ``(n,)``; None where all have the same."""
    if size < 2:
        return None
    if runs:
        return (words % np.uint64(runs)).astype(np.int64) * k
    return (words % np.uint64(size)).astype(np.int64)


def run_keys(seed: int, words: Words, runs: int) -> Words:
    """A random number of each sample's run, ``(n,)``."""
    own = digests(seed, RUN, [str(run) for run in range(runs)])
    return np.asarray(own[words % np.uint64(runs)])
