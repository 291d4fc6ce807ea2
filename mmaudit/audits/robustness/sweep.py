"""The sweep: a model's answers under every condition, in memory, nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.cells import Cells, Damaged, Unit
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.inference.check import check_answers
from mmaudit.inference.faults import Faults
from mmaudit.inference.policies import Models
from mmaudit.models.adapters.predictions import Predictions
from mmaudit.models.base import Model, Present, TwoStage
from mmaudit.samples.decode import stack
from mmaudit.samples.skipped import with_skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The pure function of a unit: rows of the selection to the answers under every condition.

    Attributes:
        cells: What each sample is like under each condition.
        models: The model under each absence policy.
        task: How scores become columns.
        batch_size: Samples a forward pass; batches never cross units.
        processes: Whether units run in processes.
    """

    cells: Cells
    models: Models
    task: Task
    batch_size: int
    processes: bool = False

    def __call__(self, rows: range) -> pa.Table:
        """Answer for these rows under every condition; one row group a condition."""
        unit = self.cells.unit(rows)
        asked = _Asked(sweep=self, unit=unit)
        with Faults(self.models.loaded.info.spec):
            tables = [asked.table(condition) for condition in self.cells.conditions]
        return with_skipped(pa.concat_tables(tables), unit.samples.skipped)

    def only(self, conditions: Sequence[int], order: NDArray[np.int64] | None) -> "Sweep":
        """The same for some of the conditions, and for samples in another order."""
        some = tuple(self.cells.conditions[i] for i in conditions)
        return replace(self, cells=replace(self.cells, conditions=some, order=order))

    def row_group(self, table: pa.Table) -> int:
        """One condition's rows."""
        return max(1, table.num_rows // len(self.cells.conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One unit under way, and what the model has encoded of it."""

    sweep: Sweep
    unit: Unit
    features: dict[tuple[str, str], NDArray[np.float32]] = field(default_factory=dict)

    def table(self, condition: Condition) -> pa.Table:
        """The answers under one condition."""
        samples = self.unit.samples
        policy = condition.absent or next(iter(self.sweep.models.under))
        model = self.sweep.models.under[policy]
        if isinstance(model, Predictions):
            doses = np.full(len(samples.ids), np.nan)
            scores = model.answers(samples.ids, condition.name)
        else:
            damaged = self.unit.under(condition)
            doses = damaged.doses
            scores = self._scores(policy, model, damaged)
        return pa.table(
            {
                "id": pa.array(samples.ids, pa.string()),
                "condition": pa.array([condition.name] * len(samples.ids), pa.string()),
                **self.sweep.task.columns(scores, samples.labels),
                "dose": pa.array(doses, pa.float64(), from_pandas=True),
                **self._groups(),
            }
        )

    def _scores(self, policy: str, model: Model, damaged: Damaged) -> NDArray[np.float32]:
        present = damaged.present
        n, size = len(self.unit.rows), self.sweep.batch_size
        batches = [slice(start, min(start + size, n)) for start in range(0, n, size)]
        if isinstance(model, TwoStage):
            features = {m: self._features(policy, model, m, damaged, batches) for m in present}
            made = [
                model.fuse({m: f[b] for m, f in features.items()}, _part(present, b))
                for b in batches
            ]
        else:
            made = [
                model.scores({m: self._values(m, damaged, b) for m in present}, _part(present, b))
                for b in batches
            ]
        info = self.sweep.models.loaded.info
        checked = [
            check_answers(scores, b.stop - b.start, info)
            for scores, b in zip(made, batches, strict=True)
        ]
        return np.concatenate(checked) if checked else np.zeros((0, 1), np.float32)

    def _features(
        self,
        policy: str,
        model: TwoStage,
        modality: str,
        damaged: Damaged,
        batches: Sequence[slice],
    ) -> NDArray[np.float32]:
        """Encode one modality; clean values are encoded once for all conditions."""
        key = (policy, modality)
        touched = modality in damaged.changed
        if not touched and key in self.features:
            return self.features[key]
        made = [model.encode(modality, self._values(modality, damaged, b)) for b in batches]
        features = np.concatenate(made) if made else np.zeros((0, 1), np.float32)
        if not touched:
            self.features[key] = features
        return features

    def _values(self, modality: str, damaged: Damaged, rows: slice) -> Any:
        values = damaged.changed.get(modality, self.unit.samples.values[modality])[rows]
        return stack(values, self.sweep.cells.dataset.kinds[modality])

    def _groups(self) -> dict[str, pa.Array]:
        samples = self.unit.samples
        columns = {f"slice:{name}": pa.array(v) for name, v in samples.slices.items()}
        if samples.groups is not None:
            columns["group"] = pa.array(samples.groups)
        return columns


def _part(present: Present, rows: slice) -> Present:
    return {m: mask[rows] for m, mask in present.items()}
