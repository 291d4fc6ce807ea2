"""Grounds of rows: what a number of the summary rests on, as far as the run kept it."""

import math
from dataclasses import replace

import numpy as np

from mmaudit.bounds import means, ratios, smooth
from mmaudit.bounds.unseen import STILL, few_differ, root_moves
from mmaudit.errors import InputError
from mmaudit.formats import number
from mmaudit.gate.limits import STORED
from mmaudit.gate.numbers.quantity import Grounds
from mmaudit.gate.numbers.resampled import UNSEEN
from mmaudit.gate.numbers.sampled import Ratio, Sampled, Smooth, of_share
from mmaudit.gate.numbers.samples import NoSamples, PerSample, SampleReader
from mmaudit.rows import Estimate
from mmaudit.tables.provenance import AGAIN
from mmaudit.tables.run import Row

CLOSE = 1e-5  # answers are kept in 32 bits
Direct = Sampled | Smooth


def of_samples(numbers: PerSample) -> Direct:
    """The grounds of a mean of samples."""
    counts = "samples" if numbers.groups is None else "groups"
    bounds = _bounds(numbers)
    if bounds is not None:
        values = np.clip(numbers.values, *bounds)
        return Sampled(means.bounded(values, *bounds, numbers.groups), counts)
    one_sided = math.isfinite(numbers.low)
    return Smooth(smooth.moments(numbers.values, numbers.groups), counts, one_sided)


def _bounds(numbers: PerSample) -> tuple[float, float] | None:
    """Between what the numbers are; as far as was seen where few of them are off 0."""
    if math.isfinite(numbers.low) and math.isfinite(numbers.high):
        return numbers.low, numbers.high
    least, most = numbers.span
    if not 0.0 < most - least < math.inf:
        return None
    still = STILL * max(abs(least), abs(most))
    return numbers.span if few_differ(numbers.values, numbers.groups, still) else None


def unseen_of_root(first: PerSample, second: PerSample) -> float:
    """How far samples whose like was not seen may move the root of the mean square of one of two.

    Args:
        first: Errors of the samples.
        second: Other errors of the same samples; where many differ, they say it themselves.

    Raises:
        NoSamples: They are not of the same samples.
    """
    most = max(first.span[1], second.span[1]) ** 2
    squares = [one**2 for one in (first.of(second.ids), second.values)]
    if not few_differ(squares[1] - squares[0], second.groups, STILL**2 * most):
        return 0.0
    return max(root_moves(one, second.groups, most, UNSEEN) for one in squares)


def measured(grounds: Sampled | Smooth | Ratio) -> Estimate:
    """The number with its 95 % interval."""
    if isinstance(grounds, Ratio):
        data = grounds.data
        value, units = data.value, data.past(0.0).units
    else:
        value, units = grounds.data.mean, grounds.data.units
    low, high = grounds.ends(STORED)
    return Estimate(value, min(low, value), max(high, value), units)


def of_row(samples: SampleReader, row: Row, estimate: Estimate) -> Grounds | None:
    """The grounds of a row of the summary; None where its interval is all there is.

    Raises:
        InputError: The answers that were kept give another number than the summary.
    """
    try:
        grounds = of_samples(samples.of(row))
    except NoSamples:
        return of_share(estimate)
    return _agreeing(grounds, estimate, samples, row)


def of_drop(samples: SampleReader, row: Row, estimate: Estimate) -> Direct | None:
    """The grounds of how much worse than clean a row is; None where its interval is all there is.

    Raises:
        InputError: The answers that were kept give another number than the summary.
    """
    try:
        clean, there = samples.worse(row, row["metric"], None)
        grounds = of_samples(there.minus(clean, -samples.sign(row["metric"])))
    except NoSamples:
        return None
    return _agreeing(grounds, estimate, samples, row)


def of_ratio(samples: SampleReader, base: SampleReader | None, row: Row) -> Ratio:
    """The grounds of by what share a row is worse than clean, or than the baseline.

    Raises:
        NoSamples: The answers are not there, or the metric has no bounds.
    """
    first, second = samples.worse(row, row["metric"], base)
    if not (math.isfinite(first.low) and math.isfinite(first.high)):
        raise NoSamples(f"{row['metric']} has no bounds")
    before = first.of(second.ids)
    if not before.any():
        raise NoSamples("the value that is compared with is not above zero")
    pairs = ratios.pairs(
        before,
        second.values,
        first.low,
        first.high,
        second.groups,
        sign=samples.sign(row["metric"]),
    )
    return Ratio(pairs, "samples" if second.groups is None else "groups")


def _agreeing(grounds: Direct, estimate: Estimate, samples: SampleReader, row: Row) -> Direct:
    """The grounds, if they are of the number that the summary has."""
    value, units = grounds.data.mean, grounds.data.units
    same = abs(value - estimate.value) <= CLOSE * max(abs(estimate.value), 1.0)
    if not same or units != estimate.n:
        raise InputError(
            f"the answers that were kept give {row['metric']} {number(value)} of n = {units:,} "
            f"under {row['condition']}, and the summary has {number(estimate.value)} of "
            f"n = {estimate.n:,}",
            where=str(samples.summary.path),
            fix=AGAIN,
        )
    return grounds


def mean_of(parts: list[PerSample]) -> PerSample:
    """The mean of several numbers of the same samples.

    Raises:
        NoSamples: They are not of the same samples.
    """
    first, k = parts[0], len(parts)
    values = np.sum([part.of(first.ids) for part in parts], axis=0) / k
    low, high, *span = (
        math.fsum(side) / k for side in zip(*((p.low, p.high, *p.span) for p in parts), strict=True)
    )
    values = np.clip(values, low, high)
    return replace(first, values=values, low=low, high=high, span=(span[0], span[1]))
