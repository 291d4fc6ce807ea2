"""Lineage: whose value each one is at every step, and which sample it comes from.

A value that a pairing step moved was made worse before that step as a value of its donor, and is
made worse after it as a value of the receiver. So every value is followed back through the steps
to the sample that it comes from, and then made worse forward.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmaudit.arrays import Bools, Ints
from mmaudit.injection.assignment import Assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where the values of one modality of some samples come from, and through which steps.

    Attributes:
        modality: Of which the values are.
        assignments: The steps that concern it, by their place among all, in order.
        owners: The samples whose values they are when a step comes to them, by place, ``(n,)``.
        source: The samples that the values come from, ``(n,)``.
    """

    modality: str
    assignments: Mapping[int, Assignment]
    owners: Mapping[int, Ints]
    source: Ints

    @property
    def changed(self) -> Bools:
        """Which values some step changes, ``(n,)``; those that only move are not among them."""
        out = np.zeros(self.source.size, np.bool_)
        for place, assignment in self.assignments.items():
            if assignment.step.makes == "values":
                out |= assignment.severity[self.owners[place]] > 0
        return out


def lineage(assignments: Sequence[Assignment], modality: str, positions: Ints) -> Lineage:
    """Follow the values of one modality of some samples back through all steps.

    Args:
        assignments: Every step and what it does, in order.
        modality: Of which the values are.
        positions: The samples that have the values in the end, ``(n,)``.
    """
    concerned = {k: a for k, a in enumerate(assignments) if modality in a.step.modalities}
    owners: dict[int, Ints] = {}
    rows = positions
    for place, assignment in reversed(concerned.items()):
        owners[place] = rows
        if assignment.step.makes == "donors":
            rows = assignment.indices[rows]
    return Lineage(modality=modality, assignments=concerned, owners=owners, source=rows)
