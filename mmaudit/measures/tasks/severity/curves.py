"""Measures of a severity curve: its area, its fall, its worst point, and whether it is monotone.

Each takes the statistic on clean data and at each severity over the same bootstrap weights, so
every answer is paired: a difference in which the samples are the same is not blurred by which
samples were drawn.

References:
    Hendrycks and Dietterich 2019, arXiv:1903.12261 (severities, flip rate)
    Qiu et al. 2022, "Are multimodal models robust to image and text perturbations?",
    arXiv:2212.08044 (MMI: relative drop of the mean over severities)
    Kendall 1938, "A new measure of rank correlation", doi:10.1093/biomet/30.1-2.81
    Holm 1979, "A simple sequentially rejective multiple test procedure"
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from mmaudit.measures.intervals.evidence import By, Lost, Mean, alike
from mmaudit.measures.intervals.replicates import (
    ANY,
    SHARE,
    Bounds,
    Replicates,
    combine,
    extreme,
    linear,
    mean,
)
from mmaudit.rows import WORSENINGS, Better, Metric

Curve = Mapping[int, Replicates]  # severity, from 1, to the statistic there


@dataclass(frozen=True, slots=True)
class Derived:
    """What a metric that derives from another one means.

    Attributes:
        phrase: What it says of the other one.
        unit: Its unit; that of the other one where None.
        better: Which direction is good; as of the other one where None.
        bounds: Its least and largest value, from those of the other one.
    """

    phrase: str
    unit: str | None = None
    better: Better | None = None
    bounds: Callable[[Bounds], Bounds] = lambda bounds: bounds

    def of(self, metric: Metric) -> Metric:
        """What it means of one metric."""
        return Metric(
            f"{metric.help}: {self.phrase}",
            metric.unit if self.unit is None else self.unit,
            self.better or metric.better,
            *self.bounds(metric.bounds),
        )


def _differences(bounds: Bounds) -> Bounds:
    return bounds[0] - bounds[1], bounds[1] - bounds[0]


DERIVED = {  # by what follows the name of the metric
    "_area_under_curve": Derived("averaged over all severities, clean included"),
    "_relative_drop": Derived(
        "lost to the corruption, as a share of the clean value", "1", "lower", lambda _: ANY
    ),
    "_worst": Derived("at its worst severity"),
    "_monotonicity_violations": Derived(
        "share of severity steps that improve it", "1", "lower", lambda _: SHARE
    ),
    "_kendall_tau": Derived(
        "rank correlation with the severity", "", "neither", lambda _: (-1.0, 1.0)
    ),
    WORSENINGS["higher"]: Derived(
        "how much lower than clean, on the same samples", None, "lower", _differences
    ),
    WORSENINGS["lower"]: Derived(
        "how much higher than clean, on the same samples", None, "lower", _differences
    ),
}
METRICS = {
    "flip_rate": Metric("share of answers that differ from the clean answer", "1", "lower", *SHARE),
    "destroyed_rate": Metric(
        "share of samples whose answer was right on clean data, and is wrong", "1", "lower", *SHARE
    ),
    "repaired_rate": Metric(
        "share of samples whose answer was wrong on clean data, and is right",
        "1",
        "neither",
        *SHARE,
    ),
}


def drop(clean: Replicates, worse: Replicates, *, better: str = "higher") -> Replicates:
    """How much worse a condition is than clean data; positive is worse, in the statistic's unit.

    Args:
        clean: The statistic on clean data.
        worse: The statistic under the condition.
        better: Which direction of the statistic is good, ``higher`` or ``lower``.
    """
    return worse - clean if better == "lower" else clean - worse


def area_under_curve(clean: Replicates, curve: Curve) -> Replicates:
    """Mean height of the curve from severity 0 (clean) to the highest, by the trapezoid rule.

    Severities that were not measured are bridged by a straight line.
    """
    at = sorted(curve)
    x = np.array([0, *at], np.float64)
    share = np.zeros(x.size)
    share[:-1] += np.diff(x) / 2
    share[1:] += np.diff(x) / 2
    share /= x[-1]
    return linear(share.tolist(), [clean, *(curve[s] for s in at)])


def relative_drop(clean: Replicates, curve: Curve) -> Replicates | None:
    """MMI: the fall of the mean over severities, as a share of the clean statistic.

    None where the clean statistic is not positive, since the share is then not defined. Draws in
    which it is not positive are left out of the interval.
    """
    if clean.point <= 0:
        return None
    worse = mean([curve[s] for s in sorted(curve)])
    both = alike((clean.evidence, worse.evidence))
    lost = Lost(*both) if both and math.isfinite(both[0].high) else None
    return replace(combine(_relative, [clean, worse]), evidence=lost)


def _relative(clean: Any, worse: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(clean > 0, 1 - np.divide(worse, clean), np.nan)


def worst_case(cells: Sequence[Replicates], *, better: str = "higher") -> Replicates:
    """The worst of several conditions, chosen anew in each replicate, so that the choice counts."""
    return extreme(cells, largest=better == "lower")


def violations(
    clean: Replicates, curve: Curve, *, better: str = "higher", slack: float = 0.0
) -> Replicates:
    """Share of steps along the curve, clean first, at which it gets better by more than ``slack``.

    A severity that helps is a sign of a corruption whose severities are not ordered, or of noise.
    The interval counts the steps that surely help, and those that may (at most the stated error on
    each side in all, by Holm's procedure).
    """
    sign = -1.0 if better == "lower" else 1.0

    def share(*values: Any) -> Any:
        steps = np.diff(np.stack(values), axis=0) * sign
        return _masked(steps, (steps > slack).mean(axis=0))

    whole = _ordered(clean, curve)

    def ends(tail: float) -> tuple[float, float]:
        steps = [b - a if sign > 0 else a - b for a, b in pairwise(whole)]
        rise, fall = (_surely(steps, slack, tail, way) for way in (1, -1))
        return rise / len(curve), 1 - fall / len(curve)

    return replace(combine(share, whole, SHARE), evidence=By(ends))


def kendall_tau(clean: Replicates, curve: Curve) -> Replicates:
    """Kendall's tau-b of severity (0 is clean) and statistic; -1 falls at every step.

    0 where the statistic never changes: a flat curve is neither rising nor falling. The interval is
    of the curves whose pairs of severities are as they surely are (at most the stated error on each
    side in all, by Holm's procedure), and anything else where they may be.
    """
    first, second = np.triu_indices(len(curve) + 1, 1)

    def tau(*values: Any) -> Any:
        stacked = np.stack(values)
        steps = stacked[second] - stacked[first]
        changed = (steps != 0).sum(axis=0)
        # severities have no ties, so only the ties of the statistic shrink the denominator
        below = np.sqrt(np.maximum(changed, 1) * float(first.size))
        return _masked(steps, np.sign(steps).sum(axis=0) / below)

    whole = _ordered(clean, curve)

    def ends(tail: float) -> tuple[float, float]:
        steps = [b - a for a, b in combinations(whole, 2)]
        rise, fall = (_surely(steps, 0.0, tail, way) for way in (1, -1))
        sure, changed = rise - fall, rise + fall
        open_ = first.size - changed
        every = [
            (sure + up - down, changed + up + down)
            for up in range(open_ + 1)
            for down in range(open_ - up + 1)
        ]
        taus = [total / math.sqrt(max(moved, 1) * first.size) for total, moved in every]
        return min(taus), max(taus)

    return replace(combine(tau, whole, (-1.0, 1.0)), evidence=By(ends))


def _surely(steps: Sequence[Replicates], slack: float, tail: float, way: int) -> int:
    """How many steps are surely above ``slack`` (way 1) or surely below it (-1): Holm's procedure.

    That one of them is not errs at most at ``tail``, however the steps depend on each other.
    """
    open_ = list(steps)
    while open_:
        unsure = [step for step in open_ if _sure(step, slack, tail / len(open_)) != way]
        if len(unsure) == len(open_):
            break
        open_ = unsure
    return len(steps) - len(open_)


def _sure(step: Replicates, slack: float, tail: float) -> int:
    """1 where a step is surely above ``slack``, -1 where it surely is not, else 0."""
    if isinstance(step.evidence, Mean) and not slack:
        return step.evidence.sign(tail)
    estimate = step.estimate(1 - 2 * tail)
    return (estimate.low > slack) - (estimate.high < slack)


def _ordered(clean: Replicates, curve: Curve) -> list[Replicates]:
    return [clean, *(curve[s] for s in sorted(curve))]


def _masked(steps: Any, values: Any) -> Any:
    return np.where(np.isnan(steps).any(axis=0), math.nan, values)
