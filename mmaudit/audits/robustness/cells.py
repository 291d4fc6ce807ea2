"""The data side of a sweep: a unit's samples, decoded once, as each condition has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints, differ
from mmaudit.audits.robustness.conditions import Condition, Treatment
from mmaudit.audits.robustness.plans import step_of
from mmaudit.audits.robustness.severities import Levels
from mmaudit.injection.assignment import Assignment
from mmaudit.injection.context import Surroundings
from mmaudit.injection.effects.chain import Setting, make_worse
from mmaudit.injection.effects.lineage import lineage
from mmaudit.injection.spec import load_corruption
from mmaudit.injection.steps import Step
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A unit's samples under one condition.

    Attributes:
        changed: Values of the touched modalities, None where absent; the others are as decoded.
        present: Which values are there, ``(n,)`` for each modality.
        doses: What was done to each sample where one corruption was applied, else NaN, ``(n,)``.
        touched: Whether a value of each sample is not what it was, or is absent, ``(n,)``; None
            where that was not looked at.
    """

    changed: dict[str, list[Any]]
    present: dict[str, Bools]
    doses: Floats
    touched: Bools | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Everything that decides what a sample is like under every condition.

    Attributes:
        dataset: The selected samples.
        modalities: The modalities that are asked about.
        conditions: What is done, clean first.
        plans: For each condition with a plan, the mask ``(n, modality)`` or the donors ``(n,)``.
        surroundings: What corruptions may know of the set around a sample, by modality.
        seed: Seed of all randomness.
        order: Positions of the selection in the order in which units take them; None for their
            own.
        levels: Calibrated corruptions that stand for those of the same name.
    """

    dataset: Dataset
    modalities: tuple[str, ...]
    conditions: tuple[Condition, ...]
    plans: Mapping[str, NDArray[Any]]
    surroundings: Mapping[str, Surroundings]
    seed: int
    order: Ints | None = None
    levels: Levels = field(default_factory=dict)

    def at(self, rows: range) -> Ints:
        """Positions in the selection of the samples at these places of the order."""
        if self.order is not None:
            return self.order[rows.start : rows.stop]
        return np.arange(rows.start, rows.stop)

    @property
    def beside(self) -> int:
        """How many other samples are decoded beside each, at most, under any condition."""
        changes = {change.corruption for c in self.conditions for change in c.changes}
        moved = int(any(c.plan is not None for c in self.conditions))
        return moved + max((load_corruption(name).donors for name in changes), default=0)

    def unit(self, at: Ints) -> "SweepUnit":
        """Decode the samples at these positions."""
        samples = decode(self.dataset, self.dataset.read(at))
        return SweepUnit(cells=self, samples=samples, rows=_decoded(self.dataset, at, samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepUnit:
    """The samples of one unit.

    Attributes:
        cells: What decides about conditions.
        samples: The decoded samples.
        rows: Their positions in the selection, ``(n,)``.
    """

    cells: Cells
    samples: Samples
    rows: Ints

    def drawn(self, seed: int) -> "SweepUnit":
        """The same samples, whose corruptions draw with another seed."""
        if seed == self.cells.seed:
            return self
        return replace(self, cells=replace(self.cells, seed=seed))

    def under(self, condition: Condition) -> Damaged:
        """These samples under one condition."""
        assignments = self._assignments(condition)
        changed: dict[str, list[Any]] = {}
        present: dict[str, Bools] = {}
        doses = np.full(len(self.rows), np.nan)
        touched = np.zeros(len(self.rows), np.bool_)
        for modality in self.cells.modalities:
            there = self.samples.present[modality] & (modality in condition.present)
            origin = lineage(assignments, modality, self.rows)
            if not origin.assignments:
                present[modality] = there
                touched |= there != self.samples.present[modality]
                continue
            values = self._values(modality, origin.source)
            worse, there, effects = make_worse(values, there, origin, self._setting(modality))
            if any(effect.assignment.step.makes != "mask" for effect in effects):
                changed[modality] = worse
                touched |= there & differ(self.samples.values[modality], worse)
                there = there & np.array([v is not None for v in worse], np.bool_)
            present[modality] = there
            touched |= there != self.samples.present[modality]
            if len(condition.changes) == 1:  # several doses do not add up to one
                (doses,) = effects[0].doses.values()
        return Damaged(changed=changed, present=present, doses=doses, touched=touched)

    def _assignments(self, condition: Condition) -> list[Assignment]:
        """What a condition does to every sample, step by step."""
        n = len(self.cells.dataset)
        out = [
            Assignment(step, np.broadcast_to(np.int8(step.severity), n))
            for step in map(self._step, condition.changes)
        ]
        if condition.plan is not None:
            step = step_of(condition, self.cells.modalities)
            level = np.broadcast_to(np.int8(step.severity), n)
            out.append(Assignment(step, level, self.cells.plans[condition.name]))
        return out

    def _step(self, change: Treatment) -> Step:
        level = self.cells.levels.get((change.corruption, change.modality))
        return Step(
            name=change.corruption,
            severity=change.severity,
            modalities=(change.modality,),
            makes="values",
            corruption=level.part if level else load_corruption(change.corruption),
        )

    def _values(self, modality: str, source: Ints) -> list[Any]:
        """The values of the samples that these get theirs from: mostly their own."""
        own = self.samples.values[modality]
        moved = source != self.rows
        if not moved.any():
            return own
        donors = iter(self.cells.surroundings[modality].at(source[moved]))
        return [next(donors) if move else value for move, value in zip(moved, own, strict=True)]

    def _setting(self, modality: str) -> Setting:
        names = dict(zip(self.rows.tolist(), self.samples.ids, strict=True))
        return Setting(
            surroundings=self.cells.surroundings[modality],
            ids=lambda rows: [names[row] for row in rows.tolist()],
            seed=self.cells.seed,
            measured="own",
        )


def _decoded(dataset: Dataset, at: Ints, samples: Samples) -> Ints:
    """Positions of the rows that could be decoded, in their order."""
    if len(samples.ids) == len(at):
        return at
    decoded = set(samples.ids)
    ids = dataset.column("id").take(pa.array(at)).to_pylist()
    return np.array([p for p, i in zip(at, ids, strict=True) if i in decoded], np.int64)
