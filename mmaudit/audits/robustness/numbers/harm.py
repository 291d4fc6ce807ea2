"""Harm per dose of a sweep: the doses that its rows keep, and the slope of each severity curve."""

from collections.abc import Mapping, Sequence

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.audits.base import Read
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.touched import DOSE
from mmaudit.corruptions.base import AnyCorruption
from mmaudit.injection.spec import load_corruption
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.measures.tasks.severity.harm import HARM, Doses, harm
from mmaudit.samples.parts import Part


def doses(read: Read, condition: Condition, group: int) -> Floats:
    """The dose of each sample under a condition, ``(n,)``; empty where it has none to measure.

    Args:
        read: Reads back the units' tables.
        condition: The condition.
        group: Its number.
    """
    if measured_part(condition) is None:
        return np.zeros(0)
    chunks = [table[DOSE].to_numpy() for table in read([DOSE], group)]
    return np.concatenate(chunks).astype(np.float64)


def harms(
    curve: Sequence[Condition],
    measured: Mapping[str, Floats],
    part: Part,
    clean: Replicates,
    line: Mapping[int, Replicates],
    better: str,
) -> dict[str, Replicates]:
    """The harm per dose of one severity curve, under a name that says which dose; or nothing.

    Args:
        curve: The conditions of the curve.
        measured: Dose of each sample by the name of the condition.
        part: Part of the samples.
        clean: The main metric on clean data.
        line: The main metric by severity.
        better: Which direction of it is good.
    """
    part_of_curve = measured_part(curve[0])
    there = {c.severity or 0: measured[c.name] for c in curve if c.severity in line}
    size = part.mask.size if part.mask is not None else None
    if part_of_curve is None or any(size not in {None, values.size} for values in there.values()):
        return {}
    dose = part_of_curve.dose
    of = {severity: part.of(values) for severity, values in there.items()}
    slope = harm(clean, line, Doses(of=of, clean=dose.clean, rises=dose.rises), better=better)
    return {} if slope is None else {f"{HARM}:{dose.name}": slope}


def measured_part(condition: Condition) -> AnyCorruption | None:
    """The corruption whose dose a condition has; several do not add up to one."""
    if len(condition.changes) != 1:
        return None
    return load_corruption(condition.changes[0].corruption)
