"""Judging: what every method said under each family of conditions, and beside its control."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats, Ints
from mmaudit.audits.base import Read
from mmaudit.audits.remedies.conditions import JudgedCondition, by_family
from mmaudit.audits.remedies.unit import Contestant
from mmaudit.measures.intervals.crossed import PairedGain, compare, mean, of_groups
from mmaudit.measures.intervals.proportion import proportion
from mmaudit.measures.tasks.classification import calibration_error
from mmaudit.rows import Estimate
from mmaudit.samples.parts import Part

ROUNDING = 1e-9  # of a count that is a mean over seeds
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
        modalities: Names of the modalities.
        parts: Parts of the samples by their slices.
    """

    contestants: tuple[Contestant, ...]
    seeds: int
    scenes: tuple[JudgedCondition, ...]
    groups: Ints | None
    score: str
    modalities: tuple[str, ...]
    parts: tuple[Part, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the methods."""
        return tuple(contestant.name for contestant in self.contestants)

    @property
    def sign(self) -> float:
        """What turns a difference of scores into one that is better higher."""
        return 1.0 if self.score == "correct" else -1.0

    def said(self, read: Read, columns: Sequence[str], scene: int) -> dict[str, Said]:
        """Columns under one condition, each of every method, ``(seed, sample)``; NaN for nulls."""
        out: dict[str, dict[str, Floats]] = {column: {} for column in columns}
        rows: dict[str, list[Floats]] = {column: [] for column in columns}
        for unit, table in enumerate(read(list(columns), group=scene)):
            name = self.contestants[unit // self.seeds].name
            for column, own in rows.items():
                values = table.column(column).cast(pa.float64())
                own.append(values.to_numpy(zero_copy_only=False))
                if len(own) == self.seeds:
                    out[column][name] = np.stack(own)
                    own.clear()
        return dict(out)

    def estimate(self, values: Floats) -> Estimate:
        """How right a method is: of shares, at the ends exact intervals are the wider ones.

        Args:
            values: Its scores, ``(seed, sample)``.
        """
        whole = mean(of_groups(values, self.groups))
        if self.score != "correct":
            return replace(whole, low=max(whole.low, 0.0))
        n, right = whole.n, whole.value * whole.n
        low = min(whole.low, proportion(math.floor(right + ROUNDING), n).low)
        high = max(whole.high, proportion(math.ceil(right - ROUNDING), n).high)
        return replace(whole, low=max(low, 0.0), high=min(high, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalityNumber:
    """One number of a method; what does not matter to it is empty."""

    method: str
    metric: str
    estimate: Estimate
    family: str
    modality: str = ""
    control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyScores:
    """What was scored under a family of conditions.

    Attributes:
        family: Its name.
        conditions: Of each of its conditions the score of every method.
        scores: Of every method, averaged over the conditions sample by sample, ``(seed, sample)``.
        gaps: Calibration error of every method, mean over conditions and seeds; none of numbers.
    """

    family: str
    conditions: Mapping[str, Mapping[str, Estimate]]
    scores: Said
    gaps: Mapping[str, Estimate]


def family_scores(ring: Ring, read: Read) -> Iterator[FamilyScores]:
    """The scores under each family, one in memory at a time; each condition is read once."""
    sure = ("confidence",) if ring.score == "correct" else ()
    for family, places in by_family(ring.scenes).items():
        total: dict[str, Floats] = {}
        conditions: dict[str, dict[str, Estimate]] = {}
        gaps: dict[str, list[Sequence[Estimate]]] = {}
        for place in places:
            said = ring.said(read, (ring.score, *sure), place)
            own = conditions[ring.scenes[place].name] = {}
            for name, values in said[ring.score].items():
                total[name] = total[name] + values if name in total else values
                own[name] = ring.estimate(values)
                if sure:
                    rows = zip(values, said["confidence"][name], strict=True)
                    by_seed = [calibration_error(*row, ring.groups) for row in rows]
                    gaps.setdefault(name, []).append(by_seed)
        yield FamilyScores(
            family=family,
            conditions=conditions,
            scores={name: values / len(places) for name, values in total.items()},
            gaps={name: of_seeds(own) for name, own in gaps.items()},
        )


def of_seeds(estimates: Sequence[Sequence[Estimate]]) -> Estimate:
    """Mean over conditions and seeds of shares, each with its interval over the same samples.

    Samples and seeds err apart from each other: the squares of their reaches are added, as in MOVER
    (Zou and Donner 2008, doi:10.1002/sim.3095).

    Args:
        estimates: Of each condition and seed.
    """
    value, low, high = (
        np.array([[getattr(e, end) for e in row] for row in estimates]).mean(0)
        for end in ("value", "low", "high")
    )
    whole = mean(value[None])
    centre, seeds = whole.value, whole.high - whole.value
    return Estimate(
        centre,
        max(0.0, centre - math.hypot(centre - float(low.mean()), seeds)),
        min(1.0, centre + math.hypot(float(high.mean()) - centre, seeds)),
        estimates[0][0].n,
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
