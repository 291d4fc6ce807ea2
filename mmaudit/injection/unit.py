"""Unit: some samples of a dataset read, made worse, and written, with a record of what was done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools, Ints, differ
from mmaudit.injection.assignment import Assignment
from mmaudit.injection.context import Surroundings
from mmaudit.injection.effects.chain import Effect, Measured, Setting, make_worse
from mmaudit.injection.effects.lineage import Lineage, lineage
from mmaudit.injection.encoder import Encoder
from mmaudit.injection.record.ledger import Ledger
from mmaudit.injection.steps import DOSE_OF, LABEL
from mmaudit.injection.write import cells as written
from mmaudit.injection.write import laid
from mmaudit.injection.write.columns import Stored, Values, read
from mmaudit.injection.write.copying import copied
from mmaudit.injection.write.layout import CopyLayout
from mmaudit.injection.write.merging import Remains
from mmaudit.kinds import text
from mmaudit.kinds.base import is_media
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped
from mmaudit.samples.memory import spans
from mmaudit.tables import store as tables_store
from mmaudit.tables.provenance import Provenance

AT_ONCE = 16  # samples of which decoded media are held
ENCODED = 4  # of the memory one part in so many is for what is written
LEDGER, HASHES, SKIPPED, BEYOND = "ledger", "hashes", "skipped", "beyond"
HASHES_OF = pa.schema([(name, pa.string()) for name in ("id", "modality", "sha256")])
SKIPPED_OF = pa.schema([(name, pa.string()) for name in ("id", "modality", "reason")])
BEYOND_OF = pa.schema(
    [*((name, pa.string()) for name in ("id", "modality", "what")), ("count", pa.int64())]
)


def unit_side(start: int) -> str:
    """The name of a unit's file in each table beside the samples, from its first row."""
    return f"{start:012d}.parquet"


@dataclass(frozen=True)
class CorruptionWork:
    """The function of a unit.

    Attributes:
        dataset: The samples.
        layout: The columns that are written.
        assignments: Every step and what it does to every sample, in order.
        surroundings: Those of each modality.
        seed: The run's seed.
        scale_with_size: Whether parameters in pixels follow the size of the picture.
        side: Folder of the tables beside the data, as the ledger; None writes none.
        provenance: What is written into these tables' metadata.
        memory: Bytes that a worker may take for decoded samples.
        encoder: What also measures texts and pictures, where there is one.
        processes: Whether units run in processes: threads wait for Python's lock between the
            kernels, which takes a third of a second core away.
    """

    dataset: Dataset
    layout: CopyLayout
    assignments: tuple[Assignment, ...]
    surroundings: Mapping[str, Surroundings]
    seed: int
    scale_with_size: bool
    side: Path | None
    provenance: Provenance
    memory: int
    encoder: Encoder | None = None
    processes: bool = False

    @cached_property
    def plain(self) -> pa.Array:
        """Labels of all samples."""
        return self.dataset.column(LABEL)

    @cached_property
    def _ids(self) -> pa.Array:
        return self.dataset.column("id")

    def ids(self, rows: Ints) -> list[str]:
        """Ids of some samples."""
        first = int(rows[0]) if rows.size else 0
        if (np.diff(rows) == 1).all():  # as they mostly are; taking costs as much as some pictures
            return self._ids.slice(first, rows.size).to_pylist()
        return self._ids.take(pa.array(rows)).to_pylist()

    def labels(self, positions: Ints) -> list[Any]:
        """Labels of some samples after all steps; None without a target."""
        labels = self._labelled(positions, (), None)
        return [None] * positions.size if labels is None else labels

    def values(self, modality: str, positions: Ints) -> Values:
        """One modality of some samples after all steps, decoded; its cells are those of before.

        What this gives is not yet stored, so it is without the loss of a JPEG or an MP3.
        """
        origin = lineage(self.assignments, modality, positions)
        clean = read(self.dataset, modality, origin.source, np.ones(positions.size, np.bool_))
        worse, present, _ = self._make_worse(clean, origin, "nothing")
        there = [v if here else None for v, here in zip(worse, present, strict=True)]
        return Values(clean.cells, there, clean.reasons)

    def row_group(self, table: pa.Table) -> int:
        """As many rows as a row group may hold of what is heavy."""
        heavy = any(map(is_media, self.dataset.kinds.values()))
        return min(256, max(table.num_rows, 1)) if heavy else max(table.num_rows, 1)

    def __call__(self, rows: range) -> pa.Table:
        """Make the samples at these positions; the tables beside are written before it returns."""
        ledger, hashes = Ledger(), list[pa.Table]()
        skipped, beyond = list[Skipped](), list[dict[str, Any]]()
        heavy = any(map(is_media, self.dataset.kinds.values()))
        step = AT_ONCE if heavy else max(len(rows), 1)

        def tables() -> Iterator[pa.Table]:
            for positions in self._spans(rows, step):
                table, digests, unreadable, more = self._batch(positions, ledger)
                hashes.append(digests)
                skipped.extend(unreadable)
                beyond.extend(more)
                yield table

        whole = laid.joined(tables(), self.memory // ENCODED)
        self._write_side(rows, ledger, hashes, skipped, beyond)
        return whole

    def hashes_of(self, rows: range) -> pa.Table:
        """The hashes that these samples have when they are made again; nothing is written."""
        return pa.concat_tables([self._batch(at, None)[1] for at in self._spans(rows, AT_ONCE)])

    def _spans(self, rows: range, step: int) -> Iterator[Ints]:
        """The samples in order, at most so many at a time, and fewer where they are heavy."""
        for start in range(rows.start, rows.stop, step):
            some = np.arange(start, min(start + step, rows.stop))
            yield from spans(self.dataset, some, self.memory, beside=self.beside)

    @cached_property
    def beside(self) -> int:
        """How many other samples are decoded beside each, at most."""
        return max((assignment.step.beside for assignment in self.assignments), default=0)

    def _batch(
        self, positions: Ints, ledger: Ledger | None
    ) -> tuple[pa.Table, pa.Table, list[Skipped], list[dict[str, Any]]]:
        ids = self.ids(positions)
        hashes: list[tuple[str, list[str | None]]] = []
        outcomes: dict[str, Remains] = {}
        skipped: list[Skipped] = []
        beyond: list[dict[str, Any]] = []
        labels = self._labelled(positions, ids, ledger)
        if labels is not None:
            hashes.append((LABEL, [None if v is None else text.digest(str(v)) for v in labels]))
        for modality, kind in self.dataset.kinds.items():
            outcome, clean = self._stored(modality, positions, ledger)
            outcomes[modality] = outcome
            hashes.append((modality, [written.digest(kind, c) for c in outcome.cells]))
            skipped += [Skipped(ids[i], modality, why) for i, why in clean.reasons.items()]
            for i, more in clean.beyond.items():
                own = {"id": ids[i], "modality": modality}
                beyond += [{**own, "what": what, "count": n} for what, n in more.items()]
        each = [(i, m, h[at]) for at, i in enumerate(ids) for m, h in hashes]
        rows = [dict(zip(HASHES_OF.names, row, strict=True)) for row in each]
        changed = labels if self.layout.labels else None
        of = self.layout, positions, ids, outcomes, changed
        table = pa.table({}) if ledger is None else copied(*of)
        return table, pa.Table.from_pylist(rows, HASHES_OF), skipped, beyond

    def _stored(
        self, modality: str, positions: Ints, ledger: Ledger | None
    ) -> tuple[Remains, Values]:
        """One modality of some samples after all steps, as it is written."""
        origin = lineage(self.assignments, modality, positions)
        clean = read(self.dataset, modality, origin.source, origin.changed)
        measured: Measured = "nothing" if ledger is None else "every"
        stored = Stored(self.dataset, modality, clean, *self.layout.rounding(modality))
        worse, present, effects = self._make_worse(clean, origin, measured, stored.as_stored)
        if ledger is not None:
            for effect in effects:
                self._note(effect, modality, positions, ledger)
        cells = stored.cells(worse, present)
        unread = np.zeros(positions.size, np.bool_)
        unread[[i for i in clean.reasons if cells[i] is None]] = True
        changed = differ(clean.cells, cells) & np.array([c is not None for c in cells], np.bool_)
        return Remains(origin.source, cells, changed, unread, clean.cells), clean

    def _make_worse(
        self,
        clean: Values,
        origin: Lineage,
        measured: Measured,
        as_stored: Callable[[int, Any], Any] | None = None,
    ) -> tuple[list[Any], Bools, list[Effect]]:
        there = np.array([c is not None for c in clean.cells], np.bool_)
        if not origin.assignments:
            return clean.values, there, []
        setting = Setting(
            surroundings=self.surroundings[origin.modality],
            ids=self.ids,
            seed=self.seed,
            measured=measured,
            scale_with_size=self.scale_with_size,
            encoder=self.encoder if measured == "every" else None,
            as_stored=as_stored,
        )
        return make_worse(clean.values, there, origin, setting)

    def _note(self, effect: Effect, modality: str, positions: Ints, ledger: Ledger) -> None:
        """Add one effect to the ledger, a row a sample and dose."""
        assignment, more = effect.assignment, effect.parameters
        rows = np.arange(positions.size)
        if assignment.drawn is not None:  # a sample has a row of the one that it drew
            rows = np.flatnonzero(assignment.drawn[effect.owners])
        if effect.donors is not None:
            more = [{"donor": name} for name in self.ids(effect.donors)]
        ids = self.ids(positions[rows])
        for name, dose in effect.doses.items():
            ledger.add(
                effect.place,
                assignment.step,
                modality,
                positions[rows],
                ids,
                severity=assignment.severity[effect.owners][rows],
                applied=effect.applied[rows],
                changed=None if effect.changed is None else effect.changed[rows],
                dose_name=name,
                dose=dose[rows],
                more=None if more is None else [more[i] for i in rows],
            )

    def _labelled(
        self, positions: Ints, ids: Sequence[str], ledger: Ledger | None
    ) -> list[Any] | None:
        """Labels of some samples, made worse; None without a target."""
        if not self.dataset.manifest.target:
            return None
        labels = self.plain.take(pa.array(positions))
        for place, assignment in enumerate(self.assignments):
            if assignment.step.makes == "labels":
                labels = self._labels(place, assignment, positions, ids, labels, ledger)
        return labels.to_pylist()

    def _labels(
        self,
        place: int,
        assignment: Assignment,
        positions: Ints,
        ids: Sequence[str],
        old: pa.Array,
        ledger: Ledger | None,
    ) -> pa.Array:
        classes = self.dataset.classes or ()
        before = old.to_pylist()
        after = [classes[c] for c in assignment.indices[positions]]
        if ledger is None:
            return pa.array(after, pa.string())
        changed = np.array([a != b for a, b in zip(after, before, strict=True)], np.bool_)
        ledger.add(
            place,
            assignment.step,
            LABEL,
            positions,
            ids,
            severity=assignment.severity[positions],
            applied=changed,
            dose_name=DOSE_OF["labels"],
            dose=changed.astype(np.float64),
            more=[{"from": b, "to": a} for a, b in zip(after, before, strict=True)],
        )
        return pa.array(after, pa.string())

    def _write_side(
        self,
        rows: range,
        ledger: Ledger,
        hashes: list[pa.Table],
        skipped: list[Skipped],
        beyond: list[dict[str, Any]],
    ) -> None:
        if self.side is None:
            return
        meta = self.provenance.metadata()
        lost = [{"id": s.id, "modality": s.modality, "reason": s.reason} for s in skipped]
        tables = {
            LEDGER: ledger.table(self.provenance),
            HASHES: pa.concat_tables(hashes).replace_schema_metadata(meta),
            SKIPPED: pa.Table.from_pylist(lost, SKIPPED_OF).replace_schema_metadata(meta),
            BEYOND: pa.Table.from_pylist(beyond, BEYOND_OF).replace_schema_metadata(meta),
        }
        for name, table in tables.items():
            tables_store.write(table, self.side / name / unit_side(rows.start))
