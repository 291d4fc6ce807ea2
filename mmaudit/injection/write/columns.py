"""Columns: modalities as they are read from a dataset and written into another one."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools, Ints
from mmaudit.injection.write import cells as written
from mmaudit.kinds.base import Shape, Undecodable, content, is_media, load_kind
from mmaudit.parsing.cells import reading
from mmaudit.samples.dataset import Dataset

HALF = float(np.finfo(np.float16).max)


@dataclass(slots=True)
class Values:
    """One modality of some samples.

    Attributes:
        cells: What is written, files as ``bytes`` and ``path``; None where absent.
        values: Decoded values; of media only those that are to be changed.
        reasons: Why a value could not be used, by place.
        beyond: What a file holds that is not in its value, by place.
    """

    cells: list[Any]
    values: list[Any]
    reasons: dict[int, str]
    beyond: dict[int, dict[str, int]] = field(default_factory=dict)


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
    ids = dataset.column("id").take(pa.array(positions)).to_pylist()
    if not kind.media:
        values, reasons = kind.column(cells, usual, ids)
        return Values(values, list(values), reasons)
    out = Values(cells.to_pylist(), [None] * len(cells), {})
    for i, cell in enumerate(out.cells):
        try:
            if content(cell) is None:
                out.cells[i] = None
                continue
            out.cells[i] = {"bytes": cell["bytes"], "path": cell.get("path")}
            with reading(cell, ids[i]):
                if kind.beyond is not None and (more := kind.beyond(cell["bytes"], usual)):
                    out.beyond[i] = more
                out.values[i] = kind.decode(cell, usual) if changed[i] else None
        except Undecodable as error:
            out.reasons[i] = str(error)
            if cell["bytes"] is None:
                out.cells[i] = None
    return out


@dataclass(slots=True)
class Stored:
    """Values of one modality as they are stored: of media as files, in the form that they had.

    Attributes:
        dataset: The samples.
        modality: Its name.
        clean: What was read.
        rounds: What its columns are written as, where they cannot hold whatever steps make.
        half: Whether its numbers are stored in 16 bits.
        files: What is written for values that steps changed, by place.
    """

    dataset: Dataset
    modality: str
    clean: Values
    rounds: Shape | None = None
    half: bool = False
    files: dict[int, Any] = field(default_factory=dict)

    def as_stored(self, place: int, value: Any) -> Any:
        """What is left of a changed value when it is stored."""
        kind, shape = self.dataset.kinds[self.modality], self.dataset.shape(self.modality)
        if self.rounds is not None:
            names = self.dataset.manifest.modalities[self.modality].columns
            written_ = load_kind(kind).arrays([value], names, self.rounds)
            cell = {n: a[0].as_py() for n, a in zip(names, written_, strict=True)}
            return load_kind(kind).decode(cell, shape)
        if self.half:
            return np.clip(value, -HALF, HALF).astype(np.float16).astype(value.dtype)
        if not is_media(kind):
            return value
        rate = written.sound_rate(self.dataset, self.modality)
        cell = written.media(kind, value, self.clean.cells[place], rate)
        self.files[place] = cell
        return load_kind(kind).decode({**cell, "error": None}, shape)

    def cells(self, worse: list[Any], present: Bools) -> list[Any]:
        """What is written for every value; what was not changed stays byte for byte.

        Args:
            worse: The values after all steps.
            present: Which samples still have one, ``(n,)``.
        """
        media = is_media(self.dataset.kinds[self.modality])
        whole = self.clean.cells if media else worse
        return [
            self.files.get(i, cell) if there else None
            for i, (cell, there) in enumerate(zip(whole, present, strict=True))
        ]


def slice_columns(dataset: Dataset) -> dict[str, str]:
    """Slices of the manifest and the columns they are written to; no name is there twice."""
    taken = {"id", "label", "split", "group", *dataset.modalities}
    return {n: f"{n}_slice" if n in taken else n for n in dataset.manifest.source.slices}
