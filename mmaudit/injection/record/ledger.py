"""Ledger: one row a sample, step and dose, with what was asked for and what was really done."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Bools, Floats, Ints
from mmaudit.injection.steps import Step
from mmaudit.rows import column
from mmaudit.tables.arrow import schema
from mmaudit.tables.provenance import Provenance

COUNTED = ("applied", "changed")  # columns of which the card has the sums


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What one step did to one sample."""

    id: str = column("sample")
    modality: str = column("what it was done to; label where labels were changed")
    corruption: str = column("what was done")
    severity: int = column("how severe, 1 to 5; 0 where the sample was left alone")
    parameters: str = column("parameters as JSON; the donor or the labels of a plan")
    applied: bool = column("whether it was done to the sample")
    changed: bool = column("whether that made the sample another one")
    dose_name: str = column("how what was done is measured")
    dose: float | None = column("what was measured to have been done; null where not applied")


@dataclass(slots=True)
class Ledger:
    """Rows of one unit, gathered step by step and modality by modality."""

    columns: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in LedgerRow.__dataclass_fields__}
    )
    places: list[tuple[int, int, str]] = field(default_factory=list)

    def add(
        self,
        place: int,
        step: Step,
        modality: str,
        rows: Ints,
        ids: Sequence[str],
        *,
        severity: NDArray[np.int8],
        applied: Bools,
        dose_name: str,
        dose: Floats,
        changed: Bools | None = None,
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
            applied: Whether it was done to each.
            dose_name: Name of the dose.
            dose: What was measured; NaN is written as null.
            changed: Whether that made each another one; wherever it was done, if that is not said.
            more: Further parameters of each sample.
        """
        texts = {int(s): _text(step, int(s)) for s in np.unique(severity)}
        n = rows.size
        columns: dict[str, list[Any]] = {
            "id": list(ids),
            "modality": [modality] * n,
            "corruption": [step.name] * n,
            "severity": np.where(applied, severity, 0).tolist(),
            "parameters": [texts[s] for s in severity.tolist()]
            if more is None
            else [json.dumps(m) for m in more],
            "applied": applied.tolist(),
            "changed": (applied if changed is None else changed).tolist(),
            "dose_name": [dose_name] * n,
            "dose": [
                d if a and d == d else None  # noqa: PLR0124  NaN: it was not measured
                for d, a in zip(dose.tolist(), applied.tolist(), strict=True)
            ],
        }
        for name, values in columns.items():
            self.columns[name] += values
        self.places += [(row, place, modality) for row in rows.tolist()]

    def table(self, provenance: Provenance) -> pa.Table:
        """The rows, sorted by sample, step and modality."""
        order = sorted(range(len(self.places)), key=self.places.__getitem__)
        rows = pa.table(self.columns, schema=schema(LedgerRow, provenance))
        return rows.take(pa.array(order, pa.int64()))


def count_done(tables: Iterable[pa.Table]) -> dict[tuple[str, str], dict[str, int]]:
    """To how many samples something was done and how many it changed, by corruption and modality.

    Args:
        tables: Tables of ledgers, each sample in one of them.
    """
    counts: dict[str, Counter[tuple[str, str, str]]] = {n: Counter() for n in COUNTED}
    for table in tables:
        keys = [table[name].to_pylist() for name in ("corruption", "modality", "dose_name")]
        for name, count in counts.items():
            count.update(compress(zip(*keys, strict=True), table[name].to_pylist()))
    return {
        key[:2]: {name: count[key] for name, count in counts.items()} for key in counts["applied"]
    }


def _text(step: Step, severity: int) -> str:
    return json.dumps(step.parameters(severity))
