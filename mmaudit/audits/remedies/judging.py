"""Judging: what every method said under each family of conditions, and beside its control."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Floats, Ints
from mmaudit.audits.base import Read
from mmaudit.audits.remedies.conditions import JudgedCondition, by_family
from mmaudit.audits.remedies.unit import Contestant
from mmaudit.measures.intervals.crossed import PairedGain, compare, of_groups

ECE_BINS = 15
Said = Mapping[str, Floats]  # (seed, sample) of each method


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """What judging needs to know of the contest.

    Attributes:
        contestants: What was trained, in the order of the units.
        seeds: How many seeds each was trained with.
        scenes: The conditions, in the order of the row groups.
        groups: Number of the group of each sample, ``(n,)``; None without groups.
        score: Column that judges: ``correct``, or ``error`` of numbers, which is better lower.
    """

    contestants: tuple[Contestant, ...]
    seeds: int
    scenes: tuple[JudgedCondition, ...]
    groups: Ints | None
    score: str

    @property
    def sign(self) -> float:
        """What turns a difference of scores into one that is better higher."""
        return 1.0 if self.score == "correct" else -1.0

    def said(self, read: Read, column: str, scene: int) -> dict[str, Floats]:
        """A column of every method under one condition, ``(seed, sample)`` each."""
        tables = read([column], group=scene)
        rows = [table.column(column).to_numpy().astype(np.float64) for table in tables]
        starts = range(0, len(rows), self.seeds)
        return {
            contestant.name: np.stack(rows[start : start + self.seeds])
            for contestant, start in zip(self.contestants, starts, strict=True)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyScores:
    """Scores under a family of conditions, averaged over its conditions sample by sample.

    Attributes:
        family: Its name.
        conditions: Names of its conditions.
        scores: Of every method, ``(seed, sample)``.
    """

    family: str
    conditions: tuple[str, ...]
    scores: Said


def family_scores(ring: Ring, read: Read) -> Iterator[FamilyScores]:
    """The scores under each family, one in memory at a time."""
    for family, places in by_family(ring.scenes).items():
        total: dict[str, Floats] = {}
        for place in places:
            for name, values in ring.said(read, ring.score, place).items():
                total[name] = total[name] + values if name in total else values
        yield FamilyScores(
            family=family,
            conditions=tuple(ring.scenes[place].name for place in places),
            scores={name: values / len(places) for name, values in total.items()},
        )


def against(
    ring: Ring, scores: Said, controls: Mapping[str, str], margin: float, families: int
) -> dict[str, PairedGain]:
    """Every method beside its control, as one family of tests.

    Args:
        ring: The contest.
        scores: Of every method, ``(seed, sample)``.
        controls: Control of each method that is judged.
        margin: PairedGain that matters.
        families: How many such families are judged.
    """
    differences = {
        name: of_groups(ring.sign * (scores[name] - scores[control]), ring.groups)
        for name, control in controls.items()
    }
    return compare(differences, margin, families)


def against_every(
    ring: Ring, scores: Said, controls: Mapping[str, str], margin: float, families: int
) -> dict[str, tuple[str, PairedGain]]:
    """Every method beside the control that it beats by least, and which that is.

    Whoever beats this one beats each of them, with no correction over controls: the lowest of the
    lower ends decides (Berger 1982, intersection-union tests, doi:10.2307/2683938).

    Args:
        ring: The contest.
        scores: Of every method, ``(seed, sample)``.
        controls: Control of each method that is judged; these are all that there are.
        margin: Difference that matters.
        families: How many such families are judged.
    """
    every = dict.fromkeys(controls.values())
    hardest: dict[str, tuple[str, PairedGain]] = {}
    for control in every:
        others = {name: control for name in controls if name not in every}
        for name, gain in against(ring, scores, others, margin, families).items():
            if name not in hardest or gain.estimate.low < hardest[name][1].estimate.low:
                hardest[name] = (control, gain)
    return hardest


def calibration_error(confidence: Floats, correct: Floats) -> float:
    """Expected calibration error: confidence beside how often it is right, in bins of equal width.

    Naeini et al. 2015 (AAAI), with 15 bins as in Guo et al. 2017, arXiv:1706.04599.

    Args:
        confidence: Of the most probable class, ``(n,)`` in [0, 1].
        correct: Whether it is the true one, ``(n,)``.
    """
    place = np.minimum((confidence * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    gap = np.bincount(place, weights=correct - confidence, minlength=ECE_BINS)
    return float(np.abs(gap).sum() / confidence.size)
