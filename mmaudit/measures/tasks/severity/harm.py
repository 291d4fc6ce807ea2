"""Harm per dose: how much worse a metric gets for each unit of what was measured to have been done.

Severities are a convention; doses are measured. The number is the slope of a line fitted by least
squares to the drops against clean at each mean dose; clean is a point too, where its dose is known.

References:
    Draper and Smith 1998, "Applied Regression Analysis", 3rd edition (least squares)
    Hampel 1974, doi:10.1080/01621459.1974.10482962 (what each sample adds to a statistic)
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Floats
from mmaudit.measures.intervals.evidence import Mean, alike, linear
from mmaudit.measures.intervals.replicates import ANY, Replicates
from mmaudit.rows import Metric

HARM = "harm_per_dose"
METRICS = {
    HARM: Metric(
        "how much worse than clean the main metric gets for each unit of mean dose", "", "lower"
    )
}
UNSURE = 0.2  # standard error of how far doses lie apart, of that itself, beyond which none is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Doses:
    """What was measured to have been done at each severity.

    Attributes:
        of: Dose of each sample by severity, ``(n,)``; NaN where none was measured.
        clean: The dose of a sample to which nothing was done; None where it has no number, as of
            decibels.
        rises: Whether more damage is a larger dose.
    """

    of: Mapping[int, Floats]
    clean: float | None
    rises: bool


def harm(
    clean: Replicates, curve: Mapping[int, Replicates], doses: Doses, *, better: str
) -> Replicates | None:
    """The slope of the drop against clean over the mean dose, per unit of damage.

    Its interval is that of the mean of what each sample adds to the slope, by its drops and by its
    doses. Samples of which no dose was measured are left out of both.

    Args:
        clean: The metric on clean data, a mean over samples.
        curve: The metric at each severity, of the same samples.
        doses: What was done to them.
        better: Which direction of the metric is good, ``higher`` or ``lower``.

    Returns:
        None where the metric is no mean over samples, where fewer than two samples have a dose, or
        where the mean doses cannot be told apart, so that there is no slope.
    """
    at = sorted(curve)
    parts = alike([clean.evidence, *(curve[s].evidence for s in at)])
    if parts is None or parts[0].rows is not None or any(s not in doses.of for s in at):
        return None
    measured = np.logical_and.reduce([np.isfinite(doses.of[s]) for s in at])
    if measured.size != parts[0].values.size or measured.sum() < 2:
        return None
    sign = 1.0 if better == "higher" else -1.0
    drops = [_some(parts[0].minus(worse), measured, sign) for worse in parts[1:]]
    values = [np.asarray(d.values, np.float64) for d in drops]
    slope = _fitted(values, _damage(doses, at, measured), doses)
    if slope is None:
        return None
    groups = drops[0].groups
    units = slope.values.size if groups is None else int(np.unique(groups).size)
    draws = sum(
        w * sign * (clean.draws - curve[s].draws) for w, s in zip(slope.weights, at, strict=True)
    )
    evidence = slope.evidence(linear(slope.weights, drops))
    return Replicates(slope.value, np.asarray(draws), units, ANY, evidence=evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slope:
    """A slope, and what it is made of.

    Attributes:
        value: The slope.
        weights: Weight of the drop at each severity, ``(severity,)``.
        values: What each sample adds, of which the slope is the mean, ``(n,)``.
        by_dose: The least and the most that a sample adds by its doses.
    """

    value: float
    weights: Sequence[float]
    values: Floats
    by_dose: tuple[float, float]

    def evidence(self, drops: Mean) -> Mean:
        """The mean of what the samples add, from that of what they add by their drops."""
        first, last = self.by_dose
        low, high = drops.low + first, drops.high + last
        span = (drops.span[0] + first, drops.span[1] + last)
        return Mean(self.values, drops.groups, low, high, None, span, drops.still)


def _fitted(drops: Sequence[Floats], damage: Floats, doses: Doses) -> _Slope | None:
    """Least squares through the mean damage and the mean drop of each severity."""
    middle = np.array([math.fsum(d.tolist()) / d.size for d in damage])  # the same in any order
    x, y = middle, np.array([math.fsum(d.tolist()) / d.size for d in drops])
    if doses.clean is not None:
        x, y = np.append(x, 0.0), np.append(y, 0.0)
    off, spread = x - x.mean(), float(((x - x.mean()) ** 2).sum())
    if not spread > 0.0:
        return None
    severities = slice(0, len(drops))
    weights = (off / spread)[severities]
    apart = weights @ damage
    if apart.std() > UNSURE * np.sqrt(apart.size):
        return None
    value = float(weights @ y[severities])
    bend = ((y - y.mean() - 2 * value * off) / spread)[severities]
    by_dose = bend @ (damage - middle[:, None])
    return _Slope(
        value=value,
        weights=weights.tolist(),
        values=np.asarray(weights @ np.stack(drops) + by_dose, np.float64),
        by_dose=(float(by_dose.min()), float(by_dose.max())),
    )


def _damage(doses: Doses, at: Sequence[int], measured: Bools) -> Floats:
    """How much was done at each severity, ``(severity, sample)``; more is worse, clean is 0."""
    sign = 1.0 if doses.rises else -1.0
    start = doses.clean or 0.0
    return np.stack([sign * (doses.of[s][measured] - start) for s in at])


def _some(drop: Mean, inside: Bools, sign: float) -> Mean:
    """A drop of some of the samples; positive is worse."""
    low, high = sorted((sign * drop.low, sign * drop.high))
    first, last = sorted((sign * drop.span[0], sign * drop.span[1]))
    groups = None if drop.groups is None else drop.groups[inside]
    values = sign * np.asarray(drop.values, np.float64)[inside]
    return Mean(values, groups, low, high, None, (first, last), drop.still)
