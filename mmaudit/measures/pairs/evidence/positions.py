"""Positions: where each score stands among the shuffled pairs of its own stratum.

A random mismatch stands anywhere among them with equal chance, so positions of several strata can
be taken together, which scores cannot.

References:
    Bates et al. 2023 (conformal p-values), doi:10.1214/22-AOS2244
    Efron 2008 (local false discovery rate), doi:10.1214/07-STS236
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.measures.pairs import fdr

THIN = 50  # shuffled pairs of a stratum below which it is judged by all of them
FEW = 40  # pairs of a stratum below which its local rates are those of all small strata


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores of observed and of shuffled pairs, with their strata.

    Attributes:
        observed: ``(n,)``; higher is a better match.
        null: ``(m,)``.
        stratum: Stratum of each observed pair, ``(n,)``.
        null_stratum: Of each shuffled pair, ``(m,)``; -1 for none.
        streamed: Pairs of a stratum from which its scores are counted in bins.
    """

    observed: Floats
    null: Floats
    stratum: Ints
    null_stratum: Ints
    streamed: int = 1_000_000

    def part(self, observed: Bools, null: Bools) -> "Scores":
        """Some observed and some shuffled pairs."""
        return Scores(
            observed=self.observed[observed],
            null=self.null[null],
            stratum=self.stratum[observed],
            null_stratum=self.null_stratum[null],
            streamed=self.streamed,
        )

    def groups(self) -> Iterator[tuple[Ints, Ints]]:
        """Rows of the observed and of the shuffled pairs of each stratum.

        A stratum with a thin null is compared with all shuffled pairs.
        """
        numbers = np.unique(self.stratum)
        if len(numbers) == 1 and (self.null_stratum == numbers[0]).all():
            yield np.arange(len(self.observed)), np.arange(len(self.null))
            return
        for number in numbers.tolist():
            here = np.flatnonzero(self.null_stratum == number)
            rows = np.flatnonzero(self.stratum == number)
            yield rows, here if len(here) >= THIN else np.arange(len(self.null))

    def counted(self, rows: Ints, null: Ints) -> tuple[fdr.Levels, Ints]:
        """Counts of some pairs, and the level of each observed one."""
        way = fdr.streamed if len(rows) >= self.streamed else fdr.levels
        counts, at = way(self.observed[rows], self.null[null])
        return counts, np.asarray(at, np.int64)

    def centred(self) -> tuple[Floats, Floats]:
        """Scores above the middle of their stratum's shuffled pairs, by the middle of all."""
        middle = float(np.median(self.null))
        out, null = self.observed.copy(), self.null.copy()
        for rows, here in self.groups():
            if len(here) < len(self.null):
                move = middle - float(np.median(self.null[here]))
                out[rows] += move
                null[here] += move
        return out, null


def positions(scores: Scores) -> Floats:
    """Share of the shuffled pairs of its stratum that are no better than each pair, ``(n,)``.

    Returns:
        ``(1 + shuffled pairs at most as high) / (m + 1)``, in (0, 1]; small is suspicious. Uniform
        for a random mismatch.
    """
    out = np.empty(len(scores.observed))
    for rows, null in scores.groups():
        counts, at = scores.counted(rows, null)
        out[rows] = ((1.0 + counts.null.cumsum()) / (counts.m + 1.0))[at]
    return out


def null_positions(scores: Scores, pairs: int) -> Floats:
    """Positions of the first shuffled pairs themselves, ``(pairs,)``; 1 for those of no stratum."""
    out = np.ones(pairs)
    stratum = scores.null_stratum[:pairs]
    for number in np.unique(stratum[stratum >= 0]).tolist():
        values = np.sort(scores.null[scores.null_stratum == number])
        rows = np.flatnonzero(stratum == number)
        out[rows] = np.searchsorted(values, scores.null[rows], side="right") / len(values)
    return out


def chance(scores: Scores, listed: Bools) -> float:
    """Share of random mismatches that a list of suspects would take, in [0, 1].

    Args:
        scores: Of all pairs.
        listed: Whether each observed pair is in it, ``(n,)``: those of a stratum that score at most
            as high as the best of them.
    """
    total = 0.0
    for rows, null in scores.groups():
        there = rows[listed[rows]]
        if len(there):
            highest = scores.observed[there].max()
            total += len(rows) * float((scores.null[null] <= highest).mean())
    return total / len(scores.observed)


def p_values(scores: Scores) -> Floats:
    """Conformal p-value of each pair in its stratum, ``(n,)``: small is matched."""
    out = np.empty(len(scores.observed))
    for rows, null in scores.groups():
        counts, at = scores.counted(rows, null)
        out[rows] = fdr.p_values(counts)[at]
    return out


def adjusted(p: Floats, share: float = 1.0) -> Floats:
    """Smallest false discovery rate of a list of matched pairs that holds each pair, ``(n,)``.

    Args:
        p: p-values, ``(n,)``.
        share: Share of mismatches: 1 is Benjamini and Hochberg's procedure, an estimate Storey's.
    """
    values, at, count = np.unique(p, return_inverse=True, return_counts=True)
    rate = share * values * len(p) / count.cumsum()
    return np.minimum(np.minimum.accumulate(rate[::-1])[::-1], 1.0)[at]


def noise_rate(scores: Scores) -> float:
    """Storey's share of mismatches, stratum by stratum, weighted by their pairs, in [0, 1]."""
    total = 0.0
    for rows, null in scores.groups():
        total += len(rows) * fdr.noise_rate(scores.counted(rows, null)[0])
    return total / len(scores.observed)


def local_odds(scores: Scores) -> tuple[Floats, Floats]:
    """Storey's share of the stratum, and the local ratio of shuffled to observed, ``(n,)`` each.

    Their product is the local false discovery rate. Strata of few pairs are taken together, by
    their scores above the middle of their shuffled pairs.
    """
    share, ratio = np.empty(len(scores.observed)), np.empty(len(scores.observed))
    small: list[tuple[Ints, Ints]] = []
    for rows, null in scores.groups():
        if len(rows) < FEW:
            small.append((rows, null))
            continue
        counts, at = scores.counted(rows, null)
        share[rows], ratio[rows] = fdr.noise_rate(counts), fdr.local_ratio(counts)[at]
    if small:
        rows = np.concatenate([part[0] for part in small])
        null = np.unique(np.concatenate([part[1] for part in small]))
        observed, strange = scores.centred()
        counts, at = fdr.levels(observed[rows], strange[null])
        share[rows], ratio[rows] = fdr.noise_rate(counts), fdr.local_ratio(counts)[at]
    return share, ratio
