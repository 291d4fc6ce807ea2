"""Work: the unit of a corruption run, some samples read, made worse, and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.injection.assignment import Decided
from mmaudit.injection.context import Around
from mmaudit.injection.encoder import Encoder
from mmaudit.injection.record.ledger import Ledger
from mmaudit.injection.steps import DOSE_OF, LABEL
from mmaudit.injection.values import worse
from mmaudit.injection.write import cells as stored
from mmaudit.kinds import text
from mmaudit.kinds.base import is_media
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped
from mmaudit.tables import store
from mmaudit.tables.provenance import Provenance

AT_ONCE = 16  # samples of which decoded media are held
LEDGER, HASHES, SKIPPED = "ledger", "hashes", "skipped"
HASHES_OF = pa.schema([(name, pa.string()) for name in ("id", "modality", "sha256")])
SKIPPED_OF = pa.schema([(name, pa.string()) for name in ("id", "modality", "reason")])


@dataclass(frozen=True)
class Corrupting:
    """The function of a unit.

    Attributes:
        dataset: The samples.
        decided: Every step and what it does to every sample, in order.
        around: The surroundings of each modality.
        seed: The run's seed.
        scale_with_size: Whether parameters in pixels follow the size of the picture.
        side: Folder of the tables beside the data: ledger, hashes and skipped; None writes none.
        made: What is written into these tables' metadata.
        encoder: What also measures texts and pictures, where there is one.
        processes: Whether units run in processes: threads wait for Python's lock between the
            kernels, which takes a third of a second core away.
    """

    dataset: Dataset
    decided: tuple[Decided, ...]
    around: Mapping[str, Around]
    seed: int
    scale_with_size: bool
    side: Path | None
    made: Provenance
    encoder: Encoder | None = None
    processes: bool = False

    @cached_property
    def light(self) -> dict[str, pa.Array]:
        """Ids, labels, splits, groups and slices of all samples, as Arrow holds them."""
        names = ["id", LABEL, "split", "group"]
        names += [f"slice:{name}" for name in self.dataset.manifest.source.slices]
        return {name: self.dataset.column(name) for name in names}

    def ids(self, rows: NDArray[np.int64]) -> list[str]:
        """Ids of some samples."""
        first = int(rows[0]) if rows.size else 0
        if (np.diff(rows) == 1).all():  # as they mostly are; taking costs as much as some pictures
            return self.light["id"].slice(first, rows.size).to_pylist()
        return self.light["id"].take(pa.array(rows)).to_pylist()

    def labels(self, positions: NDArray[np.int64]) -> list[Any]:
        """Labels of some samples after all steps; None without a target."""
        if not self.dataset.manifest.target:
            return [None] * positions.size
        ids = self.ids(positions)
        found: list[Any] = self._light(positions, ids, Ledger())[LABEL].to_pylist()
        return found

    def row_group(self, table: pa.Table) -> int:
        """As many rows as a row group may hold of what is heavy."""
        heavy = any(map(is_media, self.dataset.kinds.values()))
        return min(256, max(table.num_rows, 1)) if heavy else max(table.num_rows, 1)

    def __call__(self, rows: range) -> pa.Table:
        """Make the samples at these positions; the tables beside are written before it returns."""
        ledger, hashes, skipped = Ledger(), [], []
        tables = []
        heavy = any(map(is_media, self.dataset.kinds.values()))
        step = AT_ONCE if heavy else max(len(rows), 1)
        for start in range(rows.start, rows.stop, step):
            positions = np.arange(start, min(start + step, rows.stop))
            table, told, left = self._batch(positions, ledger)
            tables.append(table)
            hashes.append(told)
            skipped += left
        self._write_side(rows, ledger, hashes, skipped)
        return pa.concat_tables(tables)

    def made_of(self, rows: range) -> pa.Table:
        """The hashes that these samples have when they are made again; nothing is written."""
        ledger, step = Ledger(), AT_ONCE
        parts = [
            self._batch(np.arange(start, min(start + step, rows.stop)), ledger)[1]
            for start in range(rows.start, rows.stop, step)
        ]
        return pa.concat_tables(parts)

    def _batch(
        self, positions: NDArray[np.int64], ledger: Ledger
    ) -> tuple[pa.Table, pa.Table, list[Skipped]]:
        ids = self.ids(positions)
        columns: dict[str, Any] = {"id": pa.array(ids, pa.string())}
        columns |= self._light(positions, ids, ledger)
        hashes: list[tuple[str, list[str | None]]] = []
        if LABEL in columns:
            labels = columns[LABEL].to_pylist()
            hashes.append((LABEL, [None if v is None else text.digest(str(v)) for v in labels]))
        skipped: list[Skipped] = []
        for modality, kind in self.dataset.kinds.items():
            done = worse(self, modality, positions, ledger)
            columns |= stored.arrays(self.dataset, modality, done.cells)
            hashes.append((modality, [stored.digest(kind, c) for c in done.cells]))
            skipped += [Skipped(ids[i], modality, why) for i, why in done.reasons.items()]
        told = [
            {"id": ids[i], "modality": m, "sha256": found[i]}
            for i in range(len(ids))
            for m, found in hashes
        ]
        return pa.table(columns), pa.Table.from_pylist(told, HASHES_OF), skipped

    def _light(
        self, positions: NDArray[np.int64], ids: Sequence[str], ledger: Ledger
    ) -> dict[str, Any]:
        """Labels, splits, groups and slices of some samples, labels made worse."""
        source = self.dataset.manifest.source
        taken = pa.array(positions)
        out: dict[str, Any] = {}
        if self.dataset.manifest.target:
            out[LABEL] = self.light[LABEL].take(taken)
        for place, decided in enumerate(self.decided):
            if decided.step.makes == "labels":
                out[LABEL] = self._labels(place, decided, positions, ids, out[LABEL], ledger)
        if source.split:
            out["split"] = self.light["split"].take(taken)
        if source.group:
            out["group"] = self.light["group"].take(taken)
        for name, called in slice_columns(self.dataset).items():
            out[called] = self.light[f"slice:{name}"].take(taken)
        return out

    def _labels(
        self,
        place: int,
        decided: Decided,
        positions: NDArray[np.int64],
        ids: Sequence[str],
        old: pa.Array,
        ledger: Ledger,
    ) -> pa.Array:
        classes = self.dataset.classes or ()
        before = old.to_pylist()
        after = [classes[c] for c in decided.made[positions]]
        changed = np.array([a != b for a, b in zip(after, before, strict=True)], np.bool_)
        ledger.add(
            place,
            decided.step,
            LABEL,
            positions,
            ids,
            severity=decided.severity[positions],
            applied=changed,
            dose_name=DOSE_OF["labels"],
            dose=changed.astype(np.float64),
            more=[{"from": b, "to": a} for a, b in zip(after, before, strict=True)],
        )
        return pa.array(after, pa.string())

    def _write_side(
        self, rows: range, ledger: Ledger, hashes: list[pa.Table], skipped: list[Skipped]
    ) -> None:
        if self.side is None:
            return
        meta = self.made.metadata()
        lost = [{"id": s.id, "modality": s.modality, "reason": s.reason} for s in skipped]
        tables = {
            LEDGER: ledger.table(self.made),
            HASHES: pa.concat_tables(hashes).replace_schema_metadata(meta),
            SKIPPED: pa.Table.from_pylist(lost, SKIPPED_OF).replace_schema_metadata(meta),
        }
        for name, table in tables.items():
            store.write(table, self.side / name / f"{rows.start:012d}.parquet")


def slice_columns(dataset: Dataset) -> dict[str, str]:
    """Slices of the manifest and the columns they are written to; no name is there twice."""
    taken = {"id", "label", "split", "group", *dataset.modalities}
    return {n: f"{n}_slice" if n in taken else n for n in dataset.manifest.source.slices}
