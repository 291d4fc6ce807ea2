"""The data side of a sweep: a unit's samples, decoded once, as each condition has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.robustness.conditions import Change, Condition
from mmaudit.audits.robustness.severities import Levels
from mmaudit.injection.apply import corrupt_values, load_corruption
from mmaudit.injection.context import Around
from mmaudit.injection.steps import Step
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode

Changed = dict[str, list[Any]]  # values of the modalities that a condition touches


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A unit's samples under one condition.

    Attributes:
        changed: Values of the touched modalities, None where absent; the others are as decoded.
        present: Which values are there, ``(n,)`` for each modality.
        doses: What was done to each sample where one corruption was applied, else NaN, ``(n,)``.
    """

    changed: Changed
    present: dict[str, NDArray[np.bool_]]
    doses: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Everything that decides what a sample is like under every condition.

    Attributes:
        dataset: The selected samples.
        modalities: The modalities that are asked about.
        conditions: What is done, clean first.
        plans: For each condition with a plan, the mask ``(n, modality)`` or the donors ``(n,)``.
        around: What corruptions may know around a sample, by modality.
        seed: Seed of all randomness.
        order: Positions of the selection in the order in which units take them; None for their
            own.
        levels: Calibrated corruptions that stand for those of the same name.
    """

    dataset: Dataset
    modalities: tuple[str, ...]
    conditions: tuple[Condition, ...]
    plans: Mapping[str, NDArray[Any]]
    around: Mapping[str, Around]
    seed: int
    order: NDArray[np.int64] | None = None
    levels: Levels = field(default_factory=dict)

    def unit(self, rows: range) -> "Unit":
        """Decode the samples at these places of the order."""
        at = np.arange(rows.start, rows.stop)
        if self.order is not None:
            at = self.order[rows.start : rows.stop]
        samples = decode(self.dataset, self.dataset.read(at))
        return Unit(cells=self, samples=samples, rows=_kept(self.dataset, at, samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The samples of one unit.

    Attributes:
        cells: What decides about conditions.
        samples: The decoded samples.
        rows: Their positions in the selection, ``(n,)``.
    """

    cells: Cells
    samples: Samples
    rows: NDArray[np.int64]

    def under(self, condition: Condition) -> Damaged:
        """These samples under one condition."""
        changed, doses = self._changed(condition)
        present = self._present(condition)
        for modality, values in changed.items():
            there = np.array([v is not None for v in values], bool)
            present[modality] = present[modality] & there
        return Damaged(changed=changed, present=present, doses=doses)

    def _changed(self, condition: Condition) -> tuple[Changed, NDArray[np.float64]]:
        doses = np.full(len(self.rows), np.nan)
        if condition.plan and condition.plan[0].startswith("pairing/"):
            return {condition.modality: self._borrowed(condition)}, doses
        changed: Changed = {}
        for change in condition.changes:
            changed[change.modality], doses = self._corrupted(change)
        if len(condition.changes) > 1:
            doses = np.full(len(self.rows), np.nan)  # several doses do not add up to one
        return changed, doses

    def _corrupted(self, change: Change) -> tuple[list[Any], NDArray[np.float64]]:
        level = self.cells.levels.get((change.corruption, change.modality))
        part = level.part if level else load_corruption(change.corruption)
        step = Step(
            name=change.corruption,
            severity=change.severity,
            modalities=(change.modality,),
            makes="values",
            corruption=part,
        )
        return corrupt_values(
            self.samples.values[change.modality],
            self.samples.ids,
            corruption=change.corruption,
            modality=change.modality,
            severity=change.severity,
            seed=self.cells.seed,
            part=part,
            context=self.cells.around[change.modality].contexts(step, self.rows),
        )

    def _borrowed(self, condition: Condition) -> list[Any]:
        """The touched modality's values, each taken from the row that the plan names."""
        own = self.samples.values[condition.modality]
        donors = self.cells.plans[condition.name][self.rows]
        moved = donors != self.rows
        got = iter(self.cells.around[condition.modality].at(donors[moved]))
        return [next(got) if move else value for move, value in zip(moved, own, strict=True)]

    def _present(self, condition: Condition) -> dict[str, NDArray[np.bool_]]:
        present = {
            m: self.samples.present[m] & (m in condition.present) for m in self.cells.modalities
        }
        if condition.plan and condition.plan[0].startswith("missing/"):
            mask = self.cells.plans[condition.name][self.rows]
            for i, modality in enumerate(present):
                present[modality] = present[modality] & ~mask[:, i]
        return present


def _kept(dataset: Dataset, at: NDArray[np.int64], samples: Samples) -> NDArray[np.int64]:
    """Positions of the rows that could be decoded, in their order."""
    if len(samples.ids) == len(at):
        return at
    kept = set(samples.ids)
    ids = dataset.column("id").take(pa.array(at)).to_pylist()
    return np.array([p for p, i in zip(at, ids, strict=True) if i in kept], np.int64)
