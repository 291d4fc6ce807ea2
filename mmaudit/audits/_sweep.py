"""The sweep: every condition for the samples of one unit, decoded once, nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.audits._answers import Task
from mmaudit.audits._conditions import Change, Condition
from mmaudit.audits._context import Donors, Surroundings
from mmaudit.audits._skipped import with_skipped
from mmaudit.injection.apply import corrupt_values, load_corruption
from mmaudit.models.base import Model, Present, TwoStage
from mmaudit.models.check import check_answers
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Samples, decode, stack

Changed = dict[str, list[Any]]  # values of the modalities that a condition touches


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The pure function of a unit: rows of the selection to the answers under every condition.

    Attributes:
        dataset: The selected samples.
        loaded: The model, for what it says of itself.
        models: The model under each absence policy; the first is the sweep's own.
        task: How scores become columns.
        conditions: What is done, clean first.
        plans: For each condition with a plan, the mask ``(n, modality)`` or the donors ``(n,)``.
        surroundings: What corruptions may know around a sample, by modality.
        seed: Seed of all randomness.
        batch_size: Samples a forward pass; batches never cross units.
        processes: Whether units run in processes.
    """

    dataset: Dataset
    loaded: Loaded
    models: Mapping[str, Model]
    task: Task
    conditions: tuple[Condition, ...]
    plans: Mapping[str, NDArray[Any]]
    surroundings: Mapping[str, Surroundings]
    seed: int
    batch_size: int
    processes: bool = False

    def __call__(self, rows: range) -> pa.Table:
        """Answer for these rows under every condition; one row group a condition."""
        samples = decode(self.dataset, self.dataset.read(rows))
        unit = _Unit(sweep=self, samples=samples, rows=_kept(self.dataset, rows, samples))
        tables = [unit.answers(condition) for condition in self.conditions]
        return with_skipped(pa.concat_tables(tables), samples.skipped)

    def row_group(self, table: pa.Table) -> int:
        """One condition's rows."""
        return max(1, table.num_rows // len(self.conditions))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """One unit under way: its decoded samples and what was encoded of them."""

    sweep: Sweep
    samples: Samples
    rows: NDArray[np.int64]  # positions of the samples that could be decoded
    features: dict[tuple[str, str], NDArray[np.float32]] = field(default_factory=dict)

    def answers(self, condition: Condition) -> pa.Table:
        """The table of one condition."""
        changed, doses = self._changed(condition)
        present = self._present(condition)
        for modality, values in changed.items():
            present[modality] = present[modality] & np.array([v is not None for v in values], bool)
        policy = condition.absent or next(iter(self.sweep.models))
        scores = self._scores(policy, changed, present)
        columns = {
            "id": pa.array(self.samples.ids, pa.string()),
            "condition": pa.array([condition.name] * len(self.rows), pa.string()),
            **self.sweep.task.columns(scores, self.samples.labels),
            "dose": pa.array(doses, pa.float64(), from_pandas=True),
            **self._groups(),
        }
        return pa.table(columns)

    def _changed(self, condition: Condition) -> tuple[Changed, NDArray[np.float64]]:
        """Values of the touched modalities, and the dose where one corruption was applied."""
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
        spec = load_corruption(change.corruption)
        around = self.sweep.surroundings[change.modality]
        donors = (
            Donors(self.sweep.dataset, change.modality).values(around, self.rows, spec.donors)
            if spec.donors
            else None
        )
        return corrupt_values(
            self.samples.values[change.modality],
            self.samples.ids,
            corruption=change.corruption,
            modality=change.modality,
            severity=change.severity,
            seed=self.sweep.seed,
            context=around.context(donors),
        )

    def _borrowed(self, condition: Condition) -> list[Any]:
        """The touched modality's values, each taken from the row that the plan names."""
        own = self.samples.values[condition.modality]
        donors = self.sweep.plans[condition.name][self.rows]
        moved = donors != self.rows
        got = iter(Donors(self.sweep.dataset, condition.modality).at(donors[moved]))
        return [next(got) if move else value for move, value in zip(moved, own, strict=True)]

    def _present(self, condition: Condition) -> dict[str, NDArray[np.bool_]]:
        present = {
            m: self.samples.present[m] & (m in condition.present)
            for m in self.sweep.loaded.info.modalities
        }
        if condition.plan and condition.plan[0].startswith("missing/"):
            mask = self.sweep.plans[condition.name][self.rows]
            for i, modality in enumerate(present):
                present[modality] = present[modality] & ~mask[:, i]
        return present

    def _scores(self, policy: str, changed: Changed, present: Present) -> NDArray[np.float32]:
        model = self.sweep.models[policy]
        n, size = len(self.rows), self.sweep.batch_size
        batches = [slice(start, min(start + size, n)) for start in range(0, n, size)]
        if isinstance(model, TwoStage):
            features = {m: self._features(policy, model, m, changed, batches) for m in present}
            made = [
                model.fuse({m: f[b] for m, f in features.items()}, _part(present, b))
                for b in batches
            ]
        else:
            made = [
                model.scores({m: self._values(m, changed, b) for m in present}, _part(present, b))
                for b in batches
            ]
        info = self.sweep.loaded.info
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
        changed: Changed,
        batches: Sequence[slice],
    ) -> NDArray[np.float32]:
        """Encode one modality; clean values are encoded once for all conditions."""
        key = (policy, modality)
        if modality not in changed and key in self.features:
            return self.features[key]
        made = [model.encode(modality, self._values(modality, changed, b)) for b in batches]
        features = np.concatenate(made) if made else np.zeros((0, 1), np.float32)
        if modality not in changed:
            self.features[key] = features
        return features

    def _values(self, modality: str, changed: Changed, rows: slice) -> Any:
        values = changed.get(modality, self.samples.values[modality])[rows]
        return stack(values, self.sweep.dataset.kinds[modality])

    def _groups(self) -> dict[str, pa.Array]:
        columns = {f"slice:{name}": pa.array(v) for name, v in self.samples.slices.items()}
        if self.samples.groups is not None:
            columns["group"] = pa.array(self.samples.groups)
        return columns


def _part(present: Present, rows: slice) -> Present:
    return {m: mask[rows] for m, mask in present.items()}


def _kept(dataset: Dataset, rows: range, samples: Samples) -> NDArray[np.int64]:
    """Positions of the rows that could be decoded, in their order."""
    if len(samples.ids) == len(rows):
        return np.arange(rows.start, rows.stop)
    kept = set(samples.ids)
    ids = dataset.column("id").slice(rows.start, len(rows)).to_pylist()
    return np.array([p for p, i in zip(rows, ids, strict=True) if i in kept], np.int64)
