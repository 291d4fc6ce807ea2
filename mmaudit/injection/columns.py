"""Columns: modalities as they are read from a dataset and written into another one."""

from dataclasses import dataclass
from typing import Any

from mmaudit.arrays import Bools, Ints
from mmaudit.injection.write import cells as written
from mmaudit.kinds.base import Undecodable, content, is_media, load_kind
from mmaudit.samples.dataset import Dataset


@dataclass(slots=True)
class Values:
    """One modality of some samples.

    Attributes:
        cells: What is written, files as ``bytes`` and ``path``; None where absent.
        values: Decoded values; of media only those that are to be changed.
        reasons: Why a value could not be used, by place.
    """

    cells: list[Any]
    values: list[Any]
    reasons: dict[int, str]


def read(dataset: Dataset, modality: str, positions: Ints, changed: Bools) -> Values:
    """Read one modality of some samples: cells as they are, and decoded values.

    Args:
        dataset: The samples.
        modality: Its name.
        positions: Positions of the samples, ``(n,)``.
        changed: Which of them are decoded where they are media, ``(n,)``; others always are.
    """
    kind, usual = load_kind(dataset.kinds[modality]), dataset.shape(modality)
    cells = dataset.cells(modality, positions)
    if not kind.media:
        values, reasons = kind.column(cells, usual)
        return Values(values, list(values), reasons)
    out = Values(cells.to_pylist(), [None] * len(cells), {})
    for i, cell in enumerate(out.cells):
        try:
            if content(cell) is None:
                out.cells[i] = None
                continue
            out.cells[i] = {"bytes": cell["bytes"], "path": cell.get("path")}
            out.values[i] = kind.decode(cell, usual) if changed[i] else None
        except Undecodable as error:
            out.reasons[i] = str(error)
            if cell["bytes"] is None:
                out.cells[i] = None
    return out


def store(
    dataset: Dataset,
    modality: str,
    read_values: Values,
    worse: list[Any],
    present: Bools,
    changed: Bools,
) -> Values:
    """Corrupted values with their cells; what was not changed stays byte for byte.

    Args:
        dataset: The samples.
        modality: Its name.
        read_values: What was read.
        worse: The values after all steps.
        present: Which samples still have one, ``(n,)``.
        changed: Which of them were changed by some step, ``(n,)``.
    """
    kind, rate = dataset.kinds[modality], written.sound_rate(dataset, modality)
    cells, values = list(read_values.cells), list(worse)
    for i, value in enumerate(values):
        if not present[i]:
            cells[i] = values[i] = None
        elif value is None:
            continue
        elif not is_media(kind):
            cells[i] = value
        elif changed[i]:
            cells[i] = written.media(kind, value, cells[i], rate)
    return Values(cells, values, read_values.reasons)


def slice_columns(dataset: Dataset) -> dict[str, str]:
    """Slices of the manifest and the columns they are written to; no name is there twice."""
    taken = {"id", "label", "split", "group", *dataset.modalities}
    return {n: f"{n}_slice" if n in taken else n for n in dataset.manifest.source.slices}
