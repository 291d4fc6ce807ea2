"""Patterns: which sets of modalities the samples of a dataset have, and which a sweep asks with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mmaudit.errors import UsageError
from mmaudit.formats import many
from mmaudit.injection.plan_inputs import presence
from mmaudit.samples.dataset import Dataset

Present = tuple[str, ...]
MOST_MODALITIES = 10  # of which every subset is asked: 1,024 conditions
MOST_PATTERNS = 64  # of a dataset's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The sets of modalities that samples have.

    Attributes:
        counts: Samples that have exactly these modalities, the most frequent set first.
        samples: How many samples there are.
        every: All modalities.
    """

    counts: Mapping[Present, int]
    samples: int
    every: Present

    @property
    def incomplete(self) -> tuple[Present, ...]:
        """Those that lack something, at most `MOST_PATTERNS`; the whole one is clean."""
        return tuple(p for p in self.counts if p != self.every)[:MOST_PATTERNS]

    @property
    def says(self) -> Iterator[str]:
        """How frequent they are, and how many are too rare to be asked."""
        first = [*self.counts.items()][: MOST_PATTERNS + 1]
        listed = ", ".join(f"{'+'.join(p) or 'none'} {n / self.samples:.1%}" for p, n in first[:8])
        more = f" and {len(self.counts) - 8} rarer ones" if len(self.counts) > 8 else ""
        yield f"patterns of {self.samples:,} samples: {listed}{more}"
        lacking = [n for p, n in self.counts.items() if p != self.every][MOST_PATTERNS:]
        if lacking:
            yield (
                f"{many(len(lacking), 'pattern')} of {many(sum(lacking), 'sample')} in all "
                f"are rarer than the {MOST_PATTERNS} that are asked"
            )


def own(dataset: Dataset, modalities: Present) -> Patterns:
    """The patterns of a dataset, the most frequent first, of equal ones those with more.

    Args:
        dataset: All samples, whatever the split.
        modalities: The modalities that are asked about.

    Raises:
        UsageError: Every sample has everything.
    """
    there = presence(dataset, modalities)
    unique, counts = np.unique(there, axis=0, return_counts=True)
    order = np.lexsort((*~unique.T[::-1], ~unique.sum(axis=1), -counts))
    named = {
        tuple(m for m, here in zip(modalities, unique[i].tolist(), strict=True) if here): int(n)
        for i, n in zip(order.tolist(), counts[order].tolist(), strict=True)
    }
    those = Patterns(counts=named, samples=len(dataset), every=modalities)
    if not those.incomplete:
        raise UsageError(
            f"each of {len(dataset):,} samples has {', '.join(modalities)}, so the dataset has no "
            "pattern of absence of its own",
            where=dataset.manifest.at,
            fix="--missing for every subset, or a --protocol, as mmp:" + modalities[-1],
        )
    return those


def subsets(modalities: Present) -> tuple[Present, ...]:
    """Every subset that lacks something, the largest first, the empty one included.

    Raises:
        UsageError: They are too many.
    """
    m = len(modalities)
    if m > MOST_MODALITIES:
        raise UsageError(
            f"{m} modalities have 2^{m} = {2**m:,} subsets, and each is asked of every sample: "
            f"at most {2**MOST_MODALITIES:,} are",
            fix="--missing --patterns own, for the sets that the data has, or a --protocol, as "
            "random-rate:0.3",
        )
    return tuple(some for k in range(m - 1, -1, -1) for some in combinations(modalities, k))
