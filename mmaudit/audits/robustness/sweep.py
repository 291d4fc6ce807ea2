"""The sweep: a model's answers under every condition, in memory, nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints, Scores
from mmaudit.audits.robustness import touched
from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.cells import Cells, Damaged, SweepUnit
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.worst.unit import ZERO, Beside, UnitAttacks, tables, zero_gradients
from mmaudit.faults import Faults
from mmaudit.inference.averages import mean_of_shares
from mmaudit.inference.base import Asking
from mmaudit.inference.models import Models
from mmaudit.names import CLEAN
from mmaudit.samples.memory import spans
from mmaudit.samples.parts import group_column, slice_columns
from mmaudit.samples.skipped import joined, with_skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The pure function of a unit: rows of the selection to the answers under every condition.

    Attributes:
        cells: What each sample is like under each condition.
        models: The model under each absence policy.
        task: How scores become columns.
        batch_size: Samples a forward pass; batches never cross units.
        memory: Bytes that decoded samples may take.
        beside: What is asked beside the damages.
        processes: Whether units run in processes.
    """

    cells: Cells
    models: Models
    task: Task
    batch_size: int
    memory: int
    beside: Beside
    processes: bool = False

    def __call__(self, rows: range) -> pa.Table:
        """Answer for these rows under every condition; one row group a condition."""
        cells, at = self.cells, self.cells.at(rows)
        some = spans(cells.dataset, at, self.memory, batch=self.batch_size, beside=cells.beside)
        return joined([self._answered(span) for span in some], self.row_group)

    def _answered(self, at: Ints) -> pa.Table:
        """The answers for some samples, which are decoded together."""
        unit = self.cells.unit(at)
        attacks = UnitAttacks(unit.samples, self.cells.conditions)
        answers = _UnitAnswers(sweep=self, unit=unit, attacks=attacks)
        with Faults.of(self.models.loaded.info.spec):
            draws = len(self.beside.seeds)
            table = pa.concat_tables(tables(self.cells.conditions, self.task, draws, answers.table))
        return with_skipped(table, unit.samples.skipped)

    def only(self, conditions: Sequence[int], order: Ints | None) -> "Sweep":
        """The same for some of the conditions, and for samples in another order."""
        some = tuple(self.cells.conditions[i] for i in conditions)
        return replace(self, cells=replace(self.cells, conditions=some, order=order))

    def row_group(self, table: pa.Table) -> int:
        """One condition's rows."""
        return max(1, table.num_rows // len(self.cells.conditions))

    @property
    def kinds(self) -> Mapping[str, str]:
        """Kind of each of the modalities that are asked about."""
        return {m: self.cells.dataset.kinds[m] for m in self.cells.modalities}


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnitAnswers:
    """One unit under way: the model under each policy, which holds what it has encoded."""

    sweep: Sweep
    unit: SweepUnit
    attacks: UnitAttacks
    askings: dict[str, Asking] = field(default_factory=dict)
    clean: list[Scores] = field(default_factory=list)

    def table(self, condition: Condition, draw: int = 0) -> pa.Table:
        """The answers under one condition, with one of the draws of its randomness."""
        if condition.attacks and self.sweep.beside.attack is not None:
            attacked = self.attacks.under(condition, self.sweep.beside.attack)
            own = {ZERO: zero_gradients(attacked)}
            return self._table(
                condition, attacked.answers, attacked.distance, attacked.touched, own
            )
        asking = self._asking(condition)
        unit = self.unit.drawn(self.sweep.beside.seeds[draw])
        damaged = unit.under(condition) if asking.needs_values else _untouched(unit)
        answers = mean_of_shares(self._answers(condition, damaged, asking))
        return self._table(condition, answers, damaged.doses, damaged.touched, {})

    def _table(
        self,
        condition: Condition,
        answers: NDArray[np.floating],
        doses: Floats,
        done: Bools | None,
        own: Mapping[str, pa.Array],
    ) -> pa.Table:
        samples = self.unit.samples
        return pa.table(
            {
                "id": pa.array(samples.ids, pa.string()),
                "condition": pa.array([condition.name] * len(samples.ids), pa.string()),
                **self.sweep.task.columns(answers, samples.labels, samples.ids),
                touched.DOSE: pa.array(doses, pa.float64(), from_pandas=True),
                touched.TOUCHED: touched.column(done, len(samples.ids)),
                **self.sweep.beside.columns(len(samples.ids)),
                **own,
                **slice_columns(samples),
                **group_column(samples),
            }
        )

    def _answers(self, condition: Condition, damaged: Damaged, asking: Asking) -> list[Scores]:
        """The model's answers; where no sample was changed, those to the clean ones."""
        same = damaged.touched is not None and not damaged.touched.any()
        if same and self.clean and not condition.absent:
            return self.clean
        shares = asking.under(condition.name, damaged.present, damaged.changed)
        if condition.name == CLEAN:
            self.clean[:] = shares
        return shares

    def _asking(self, condition: Condition) -> Asking:
        """The model under the condition's policy; clean values are encoded once for all of them."""
        models = self.sweep.models
        policy = condition.absent or models.policy
        if policy not in self.askings:
            self.askings[policy] = models.asking(
                policy, self.unit.samples, self.sweep.kinds, self.sweep.batch_size
            )
        return self.askings[policy]


def _untouched(unit: SweepUnit) -> Damaged:
    """The samples as they are, for what answers by the condition's name alone."""
    samples = unit.samples
    doses = np.full(len(samples), np.nan)
    return Damaged(changed={}, present=samples.present, doses=doses)
