"""Patterns: which set of modalities a sample lacks, in exact proportions at every rate."""

from itertools import combinations

import numpy as np

from mmaudit.arrays import Bools, Ints
from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows

Pattern = tuple[int, ...]  # the modalities that are absent


def incomplete(modalities: int) -> list[Pattern]:
    """Every pattern that lacks something and keeps something, fewest absent first."""
    return [p for k in range(1, modalities) for p in combinations(range(modalities), k)]


def one_each(modalities: int) -> list[Pattern]:
    """The patterns that lack exactly one modality."""
    return [(m,) for m in range(modalities)]


def dealt(
    rows: Rows,
    rate: float,
    patterns: list[Pattern],
    seed: int,
    purpose: str,
    probabilities: tuple[float, ...] | None = None,
) -> Bools:
    """Deal patterns out to exactly a share of the rows, ``(n, modality)``.

    Rows are taken in the order of their permanent random numbers, and the pattern of the ``i``-th
    is the same at every rate. After any number of rows each pattern was dealt within one of its
    probability times that number (two, where there are very many patterns).

    Args:
        rows: The whole set.
        rate: Share of the rows.
        patterns: What can be absent; may hold the empty pattern.
        seed: The run's seed.
        purpose: Name of the plan.
        probabilities: Of the patterns, summing to 1; all alike unless said.
    """
    n = len(rows.ids)
    k = row_selection.count(rate, n)
    order = row_selection.leading(row_selection.numbers(rows, seed, purpose)[:, 0], k)
    shares = probabilities or (1.0 / len(patterns),) * len(patterns) if patterns else ()
    table = np.zeros((len(patterns), len(rows.modalities)), np.bool_)
    for i, pattern in enumerate(patterns):
        table[i, list(pattern)] = True
    out = np.zeros(rows.present.shape, np.bool_)
    if patterns:
        out[order] = table[_sequence(shares, k)]
    return out & rows.present


def _sequence(shares: tuple[float, ...], k: int) -> Ints:
    """The first ``k`` of an endless sequence that holds each share evenly spread.

    The ``j``-th occurrence of a pattern with share ``p`` is due at ``(j + 1/2) / p``.
    """
    counts = [int(p * k) + 2 if p > 0 else 0 for p in shares]
    due = [(np.arange(c) + 0.5) / p for p, c in zip(shares, counts, strict=True) if c]
    which = [np.full(c, i) for i, c in enumerate(counts)]
    order = np.argsort(np.concatenate(due), kind="stable")
    return np.concatenate(which)[order][:k]
