"""Does trust move off what got worse? How a change goes along with a dose, by ranks alone.

Of two samples that were damaged by different doses, did trust fall more in the one that was damaged
more? Somers' D is the share of such pairs where it did, less the share where it fell less; what did
not move counts for neither. It is between -1 and 1, asks nothing of the shape of the curve, and is
0 where nothing moves, where a correlation would not be defined.

References:
    Somers 1962, "A new asymmetric measure of association for ordinal variables",
    doi:10.2307/2090408
    Newson 2002, "Parameters behind nonparametric statistics: Kendall's tau, Somers' D and median
    differences", doi:10.1177/1536867X0200200103 (its interval by Fisher's z and influences)
    Zhang et al. 2023, "Provable dynamic fusion for low-quality multimodal data" (QMF),
    arXiv:2306.02050 (why trust should move)
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Floats, Ints
from mmaudit.bounds.unseen import few_differ
from mmaudit.measures.intervals.bootstrap import groups_of
from mmaudit.measures.intervals.crossed import mean
from mmaudit.rows import Estimate, Metric

METRICS = {
    "adaptivity": Metric(
        "of two samples, how much more often trust in the modality falls more in the one that was "
        "damaged more than less",
        "",
        "higher",
        low=-1.0,
        high=1.0,
    ),
    "natural_adaptivity": Metric(
        "of two clean samples, how much more often trust in the modality is less in the one whose "
        "modality is worse by a check",
        low=-1.0,
        high=1.0,
        unsure="natural quality is not drawn at random, and contents may be what trust goes with",
    ),
    "cross_effect": Metric(
        "of two samples, how much more often trust in the modality rises more where another one "
        "was damaged more than less",
        low=-1.0,
        high=1.0,
    ),
    "loudness_effect": Metric(
        "of two samples, how much more often what the modality says alone gets louder in the one "
        "that was damaged more than quieter; it moves shares of the answer without any trust",
        low=-1.0,
        high=1.0,
    ),
}
FEWEST = 20  # units below which nothing is said
STILL = 1e-4  # of trust: a change of less is none
MARGIN = 0.1  # within which an effect is as good as none
TAIL = 0.025  # error on each side of an interval

Verdict = Literal["follows quality", "indifferent", "follows the wrong way", "cannot be told"]


@dataclass(frozen=True, slots=True)
class RankEffect:
    """How a change goes along with a dose.

    Attributes:
        value: Somers' D of the change on the dose, in [-1, 1]; NaN where all doses are alike.
        error: Its standard error, by the influence of each unit.
        units: How many samples, or groups of samples, there are.
        rare: Whether so few of the changes are more than none that their spread says nothing.
    """

    value: float
    error: float
    units: int
    rare: bool = False

    def __neg__(self) -> "RankEffect":
        return RankEffect(0.0 - self.value, self.error, self.units, self.rare)

    def ends(self, tail: float = TAIL) -> tuple[float, float]:
        """Interval by Fisher's z with Student's t; -1 to 1 below `FEWEST` units.

        It reaches as far as the unseen share ``1 - tail ** (1 / units)`` of units that moved all
        one way could take it, where few changes are more than none.

        Args:
            tail: Error on each side.
        """
        from scipy.special import stdtrit  # noqa: PLC0415  quantile of Student's t

        if self.units < FEWEST or not math.isfinite(self.value):
            return -1.0, 1.0
        most = 1 - 2 / self.units**2
        inside = min(max(self.value, -most), most)
        half = float(stdtrit(self.units - 1, 1 - tail)) * self.error / (1 - inside * inside)
        z = math.atanh(inside)
        low, high = math.tanh(z - half), math.tanh(z + half)
        if self.rare or abs(self.value) > most:
            others = (tail ** (1 / self.units)) ** 2  # pairs of which no unit is unseen
            low = min(low, self.value * others - (1 - others))
            high = max(high, self.value * others + (1 - others))
        return min(low, self.value), max(high, self.value)

    def estimate(self) -> Estimate:
        """The effect with its 95 % interval."""
        return Estimate(self.value, *self.ends(), self.units)


def rank_effect(
    dose: Ints, change: Floats, keys: NDArray[np.uint64], still: float = STILL
) -> RankEffect:
    """Somers' D of a change on a dose.

    Args:
        dose: Dose of each sample on few levels, ``(n,)``.
        change: What changed in each, ``(n,)``, finite.
        keys: Key of each sample's unit, ``(n,)``.
        still: A change of less is none.

    Returns:
        Positive where what was damaged more has the larger change.

    Example:
        >>> keys = np.arange(60, dtype=np.uint64)
        >>> rank_effect(np.arange(60) % 6, -0.1 * (np.arange(60.0) % 6), keys).value
        -1.0
    """
    value, pull, rare = _pulled(dose, change, groups_of(keys), still)
    units = pull.size
    error = math.sqrt(float(pull @ pull) * units / max(units - 1, 1))
    return RankEffect(value, error, units, rare)


def rank_effect_of_seeds(
    dose: Ints, changes: Floats, keys: NDArray[np.uint64], still: float = STILL
) -> RankEffect:
    """Mean of `rank_effect` over seeds of training, with the error of samples and seeds.

    Args:
        dose: Dose of each sample on few levels, ``(n,)``.
        changes: What changed in each by each of two seeds or more, ``(seed, n)``, finite.
        keys: Key of each sample's unit, ``(n,)``.
        still: A change of less is none.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  quantile of Student's t

    groups = groups_of(keys)
    values, pulls, rare = zip(*(_pulled(dose, c, groups, still) for c in changes), strict=True)
    units = pulls[0].size
    whole = mean(np.array(values)[:, None] + units * np.stack(pulls))
    reach = (whole.high - whole.low) / 2 / float(stdtrit(max(units - 1, 1), 1 - TAIL))
    return RankEffect(whole.value, reach, units, any(rare))


def _pulled(
    dose: Ints, change: Floats, groups: Ints | None, still: float
) -> tuple[float, Floats, bool]:
    """Somers' D, how each unit pulls at it ``(unit,)``, and whether few changes are any."""
    change = np.rint(change / still) * still if still else change
    concordant, pairs = _pairs(np.asarray(dose), change)
    total = float(pairs.sum())
    value = float(concordant.sum()) / total if total else math.nan
    pull = 2 * (concordant - value * pairs) / (total or math.nan)
    by_unit = pull if groups is None else np.bincount(groups, pull).astype(np.float64)
    return value, by_unit, bool(total) and few_differ(change, groups, still)


def _pairs(dose: Ints, change: Floats) -> tuple[Floats, Floats]:
    """Of each sample, concordant less discordant pairs that it is in, and all pairs, ``(n,)``."""
    concordant, pairs = np.zeros(dose.size), np.zeros(dose.size)
    for level in np.unique(dose):
        there = np.sort(change[dose == level])
        below = np.searchsorted(there, change, "left")
        above = there.size - np.searchsorted(there, change, "right")
        concordant += np.sign(dose - level) * (below - above)
        pairs += np.where(dose == level, 0, there.size)
    return concordant, pairs


def verdict(effect: RankEffect, margin: float = MARGIN, modalities: int = 1) -> Verdict:
    """What an adaptivity says of a modality.

    Where trust in no modality moves, all verdicts together say in at most 5 % of runs that some
    follows quality or the wrong way.

    Args:
        effect: Its adaptivity: positive where trust falls with the dose.
        margin: Within which an effect is as good as none.
        modalities: How many are judged.
    """
    low, high = effect.ends(TAIL / max(modalities, 1))
    if -margin <= low and high <= margin:
        return "indifferent"
    if low > 0:
        return "follows quality"
    return "follows the wrong way" if high < 0 else "cannot be told"


def needed(effect: RankEffect, margin: float = MARGIN, modalities: int = 1) -> int:
    """About how many units would decide a verdict that cannot be told.

    Widths fall with the root of the number. The effect is taken for what it is now, and for half
    of the margin off its border where it is so near to it that no number would do.

    Args:
        effect: Its adaptivity.
        margin: Within which an effect is as good as none.
        modalities: How many are judged.
    """
    low, high = effect.ends(TAIL / max(modalities, 1))
    size = abs(effect.value) if math.isfinite(effect.value) else 0.0
    off = max(size, margin - size, margin / 2)
    half = max((high - low) / 2, 1e-9)
    return max(FEWEST, math.ceil(max(effect.units, 1) * (half / off) ** 2))
