"""Ledger: one row for every sample and step, with what was asked for and what was really done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.injection.steps import Step
from mmaudit.rows import column
from mmaudit.tables.arrow import schema
from mmaudit.tables.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Row:
    """What one step did to one sample."""

    id: str = column("sample")
    modality: str = column("what it was done to; label where labels were changed")
    corruption: str = column("what was done")
    severity: int = column("how severe, 1 to 5; 0 where the sample was left alone")
    parameters: str = column("parameters as JSON; the donor or the labels of a plan")
    applied: bool = column("whether the sample was changed")
    dose_name: str = column("how what was done is measured")
    dose: float | None = column("what was measured to have been done; null where not applied")


@dataclass(slots=True)
class Ledger:
    """Rows of one unit, gathered step by step and modality by modality."""

    columns: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in Row.__dataclass_fields__}
    )
    places: list[tuple[int, int, str]] = field(default_factory=list)

    def add(
        self,
        place: int,
        step: Step,
        modality: str,
        rows: NDArray[np.int64],
        ids: Sequence[str],
        *,
        severity: NDArray[np.int64],
        applied: NDArray[np.bool_],
        dose_name: str,
        dose: NDArray[np.float64],
        more: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Add one step on one modality of some samples.

        Args:
            place: Place of the step among all.
            step: The step.
            modality: What it was done to.
            rows: Positions of the samples, for the order of the ledger, ``(n,)``.
            ids: Their ids.
            severity: Severity of each; written as 0 where it is not applied.
            applied: Whether each was changed.
            dose_name: Name of the dose.
            dose: What was measured; NaN is written as null.
            more: Further parameters of each sample.
        """
        texts = {int(s): _text(step, int(s)) for s in np.unique(severity)}
        for i, row in enumerate(rows.tolist()):
            self.places.append((row, place, modality))
            values = (
                ids[i],
                modality,
                step.name,
                int(severity[i]) if applied[i] else 0,
                texts[int(severity[i])] if more is None else json.dumps(more[i]),
                bool(applied[i]),
                dose_name,
                None if np.isnan(dose[i]) or not applied[i] else float(dose[i]),
            )
            for name, value in zip(self.columns, values, strict=True):
                self.columns[name].append(value)

    def table(self, made: Provenance) -> pa.Table:
        """The rows, sorted by sample, step and modality."""
        order = sorted(range(len(self.places)), key=self.places.__getitem__)
        told = schema(Row, made)
        return pa.table(self.columns, schema=told).take(pa.array(order, pa.int64()))


def _text(step: Step, severity: int) -> str:
    return json.dumps(step.parameters(severity))
