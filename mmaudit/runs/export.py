"""Export: every condition of a sweep as a dataset, for models that only run elsewhere.

The answers come back through ``--model predictions:DIR``: Parquet files with the columns ``id``,
``condition`` and the prediction or one probability a class.
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit import files, locks
from mmaudit.arrays import Ints
from mmaudit.audits.robustness import audit
from mmaudit.audits.robustness.cells import Cells, SweepUnit
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.options import Options
from mmaudit.engines.base import PLAN, begin, cut
from mmaudit.engines.declaration import opened
from mmaudit.errors import UsageError
from mmaudit.injection.write import cells as stored
from mmaudit.injection.write import manifest
from mmaudit.injection.write.columns import slice_columns
from mmaudit.kinds.base import load_kind
from mmaudit.progress import progress
from mmaudit.runs.run import place_of
from mmaudit.runs.selection import select
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.memory import budget, spans
from mmaudit.samples.skipped import joined, with_skipped

INDEX = "conditions.csv"
ROWS = 256  # rows a unit: media are held encoded


@dataclass(frozen=True, slots=True)
class Exported:
    """The function of a unit: the samples under one condition, as they are stored.

    Attributes:
        cells: What each sample is like under each condition.
        condition: The condition.
        memory: Bytes that decoded samples may take.
        processes: Whether units run in processes.
    """

    cells: Cells
    condition: Condition
    memory: int
    processes: bool = False

    def __call__(self, rows: range) -> pa.Table:
        """These samples under the condition."""
        some = spans(self.cells.dataset, self.cells.at(rows), self.memory, beside=self.cells.beside)
        return joined([self._stored(span) for span in some], self.row_group)

    def _stored(self, at: Ints) -> pa.Table:
        unit = self.cells.unit(at)
        dataset, samples = self.cells.dataset, unit.samples
        batch = dataset.read(unit.rows)
        named = {"id": "id", "label": "label", "split": "split", "group": "group"}
        named |= {f"slice:{n}": c for n, c in slice_columns(dataset).items()}
        columns: dict[str, Any] = {
            column: batch.column(name)
            for name, column in named.items()
            if name in batch.schema.names
        }
        damaged = self._values(unit)
        for modality, kind in dataset.kinds.items():
            values = damaged[modality]
            rate = stored.sound_rate(dataset, modality)
            written = [_cell(kind, v, rate) for v in values]
            columns |= stored.arrays(dataset, modality, written)
        return with_skipped(pa.table(columns), samples.skipped)

    def row_group(self, table: pa.Table) -> int:
        """A unit is small enough to be one."""
        return max(1, table.num_rows)

    def _values(self, unit: SweepUnit) -> dict[str, list[Any]]:
        """Every modality's values, None where the condition makes them absent."""
        damaged = unit.under(self.condition)
        out = {}
        for modality, own in unit.samples.values.items():
            values = damaged.changed.get(modality, own)
            there = damaged.present[modality]
            out[modality] = [v if here else None for v, here in zip(values, there, strict=True)]
        return out


def export_conditions(
    dataset: str | Path | Dataset,
    out: str | Path,
    options: Options,
    *,
    quiet: bool = False,
) -> Path:
    """Write every condition of a sweep as a dataset that opens in every command.

    Args:
        dataset: A manifest, a data path, or an opened dataset.
        out: Folder that gets ``conditions.csv`` and one folder a condition.
        options: The sweep, as `mmaudit robustness` takes it.
        quiet: Whether to say nothing on stderr.

    Returns:
        The file ``conditions.csv``: folder and condition, one a line.

    Raises:
        UsageError: The folder holds something else, or the options mean nothing.
    """
    folder = Path(out)
    selected = select(dataset, options)
    _check(options)
    cells = audit.make_cells(options, selected.dataset, selected.whole, ())
    cells = replace(cells, conditions=tuple(c for c in cells.conditions if not c.derived))
    units = cut(len(selected.dataset), ROWS)
    names = [c.name for c in cells.conditions]
    with locks.alone(folder, "robustness --export"), opened(place_of(options)) as runner:
        if not (folder / PLAN).exists():
            files.require_empty(folder, fix="a new folder")
        memory = budget(options.memory, runner.beside)
        begin(folder, {"conditions": names, **selected.dataset.digests}, resume=options.resume)
        for number, condition in enumerate(cells.conditions):
            place = folder / f"{number:04d}"
            with progress(f"{number + 1} of {len(names)}: {condition.name}", quiet=quiet) as report:
                work = Exported(cells, condition, memory)
                runner.run(work, units, place / "data", report=report)
            declared = manifest.manifest(selected.dataset, "data/*.parquet", "parquet", {})
            files.write_text(place / manifest.MANIFEST, declared.to_toml())
        index = folder / INDEX
        with index.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["folder", "condition"])
            writer.writerows([f"{i:04d}", name] for i, name in enumerate(names))
        return index


def _check(options: Options) -> None:
    """Refuse what only a model that runs here can be asked; worst cases come of the answers."""
    if options.shard is not None:
        raise UsageError(
            "--export writes every condition whole, and a shard has none whole",
            fix="--export without --shard",
        )
    if options.attack or options.draws > 1:
        flag = "attack" if options.attack else "draws"
        raise UsageError(
            f"--{flag} needs a model that runs here, and --export asks none",
            fix=f"--export without --{flag}",
        )


def export(dataset: str, out: Path, options: Options, run: Path | None) -> str:
    """Do what ``robustness --export`` asks for, and say where the index is."""
    del run  # there is none
    return str(export_conditions(dataset, out, options))


def _cell(kind: str, value: Any, rate: float) -> Any:
    """A value as it is stored, without loss: pictures as PNG, sounds as WAV of floats."""
    if value is None or not load_kind(kind).media:
        return value
    return {"bytes": load_kind(kind).encode(value, rate), "path": None}
