"""Slices: how right every method is about parts of the samples, and what it gains there.

Gains of parts are looked at after the fact: their intervals are of one number each, with no
correction over methods, families and parts, so that they are no verdicts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Ints
from mmaudit.audits.remedies.judging import FamilyScores, Ring
from mmaudit.measures.intervals.crossed import compare, of_groups
from mmaudit.names import SLICE
from mmaudit.rows import Estimate, Metric
from mmaudit.samples.parts import Part, partitions

GAIN = "gain_in_slice"
FEWEST = 2  # samples, or groups, of a part of which anything is said
METRICS = {
    GAIN: Metric(
        "how much better than the control of the same head on one slice, with a 95 % interval of "
        "its own that no correction widens: no verdict",
        "",
        "higher",
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceNumber:
    """One number of a method on a part of the samples.

    Attributes:
        method: The method.
        slice: Name of the part.
        metric: What was measured.
        estimate: The number with its interval.
        control: What it is compared with; empty where nothing is.
    """

    method: str
    slice: str
    metric: str
    estimate: Estimate
    control: str = ""


def parts_of(slices: Mapping[str, Sequence[str]]) -> tuple[Part, ...]:
    """The parts that samples are cut into by their slices, without the whole.

    Args:
        slices: Value of each sample, ``(n,)``, by the name of the slice.
    """
    if not slices:
        return ()
    table = pa.table({SLICE + name: list(values) for name, values in slices.items()})
    return tuple(
        part for cut in partitions([table]) if cut.column is not None for part in cut.parts(table)
    )


def too_small(ring: Ring) -> list[str]:
    """Names of the parts of which nothing is said, for they are of one sample or group."""
    return [part.name for part in ring.parts if _size(_of(ring, part), part) < FEWEST]


def slice_numbers(
    ring: Ring, family: FamilyScores, controls: Mapping[str, str], metric: str
) -> Iterator[SliceNumber]:
    """What is said of every part under one family of conditions.

    Args:
        ring: The contest.
        family: The scores.
        controls: Control of each method that is compared.
        metric: What scores measure.
    """
    for part in ring.parts:
        own = _of(ring, part)
        if _size(own, part) < FEWEST:
            continue
        scores = {name: values[:, part.mask] for name, values in family.scores.items()}
        for name, values in scores.items():
            yield SliceNumber(
                method=name, slice=part.name, metric=metric, estimate=own.estimate(values)
            )
        differences = {
            name: of_groups(ring.sign * (scores[name] - scores[control]), own.groups)
            for name, control in controls.items()
        }
        for name, gain in compare(differences, 0.0, alone=True).items():
            yield SliceNumber(
                method=name,
                slice=part.name,
                metric=GAIN,
                estimate=gain.estimate,
                control=controls[name],
            )


def _of(ring: Ring, part: Part) -> Ring:
    """The contest on a part alone."""
    if ring.groups is None:
        return ring
    groups: Ints = np.unique(part.of(ring.groups), return_inverse=True)[1].reshape(-1)
    return replace(ring, groups=groups)


def _size(own: Ring, part: Part) -> int:
    """Samples of a part, or groups where there are some."""
    if own.groups is None:
        return 0 if part.mask is None else int(part.mask.sum())
    return int(own.groups.max(initial=-1)) + 1
