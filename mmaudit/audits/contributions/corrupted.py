"""Corrupted: which samples were made worse, from the ledger beside a corrupted dataset's manifest.

Numbers of clean and of corrupted samples are told apart: whether weights follow quality cannot be
seen where both are mixed, or where there is only one of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.names import NONE, part
from mmaudit.parsing import parquet
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.parts import Partition, partitions
from mmaudit.seeds import digests

LEDGER = "ledger.parquet"
NEEDED = ("id", "modality", "applied")
CORRUPTED = "corrupted"  # the slice by what was done
BATCH = 1 << 16  # rows of the ledger that are read at a time
UNREADABLE = "the ledger beside the manifest is damaged"
FIX = "make the dataset again, or take the ledger away"
NOTE = (
    "What was corrupted is known from the ledger beside the manifest: clean and corrupted samples "
    "are told apart in the slices corrupted=…"
)


@dataclass(frozen=True, slots=True)
class ByCorruption(Partition):
    """Samples cut by which of their modalities were made worse.

    Attributes:
        keys: Digests of the ids of corrupted samples, rising.
        numbers: The part of each.
    """

    keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def of(self, table: pa.Table) -> NDArray[np.int64]:
        """Part of each row; 0 where nothing was done."""
        keys = _digests(table["id"].to_pylist())
        at = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        return np.where(self.keys[at] == keys, self.numbers[at], 0)


def every_cut(tables: Iterator[pa.Table], dataset: Dataset, *, by_class: bool) -> list[Partition]:
    """All samples, then by what was corrupted, by every slice, and by class."""
    whole, *others = partitions(tables, by_class=by_class)
    corrupted = by_corruption(dataset)
    return [whole, *([corrupted] if corrupted else []), *others]


def by_corruption(dataset: Dataset) -> ByCorruption | None:
    """How the ledger cuts the samples; None where there is no ledger, or it changed nothing."""
    path = Path(dataset.manifest.folder) / LEDGER
    if not path.is_file() or CORRUPTED in dataset.manifest.source.slices:
        return None
    keys, masks, names = _read(path)
    if not keys.size:
        return None
    there = np.unique(masks)
    changed = ["+".join(n for k, n in enumerate(names) if mask >> k & 1) for mask in there.tolist()]
    values = (NONE, *changed)
    return ByCorruption(
        CORRUPTED,
        tuple(part(CORRUPTED, value) for value in values),
        values,
        keys,
        np.searchsorted(there, masks) + 1,
    )


def _read(path: Path) -> tuple[NDArray[np.uint64], NDArray[np.int64], list[str]]:
    """Digests of the changed samples, which modalities were changed (bits), and their names."""
    names: list[str] = []
    keys: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)]
    bits: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    with parquet.opened(path, what=UNREADABLE, fix=FIX) as file:
        if not set(NEEDED) <= set(file.schema_arrow.names):
            return keys[0], bits[0], names
        for batch in parquet.batches(file, path, NEEDED, rows=BATCH):
            table = pa.table(batch).filter(batch["applied"])
            modalities = table["modality"].to_pylist()
            names += sorted(set(modalities) - set(names))
            keys.append(_digests(table["id"].to_pylist()))
            bits.append(np.array([1 << names.index(m) for m in modalities], np.int64))
    return *_joined(np.concatenate(keys), np.concatenate(bits)), names


def _joined(
    keys: NDArray[np.uint64], bits: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Each key once, rising, with all its bits."""
    if not keys.size:
        return keys, bits
    order = np.argsort(keys, kind="stable")
    unique, starts = np.unique(keys[order], return_index=True)
    return unique, np.bitwise_or.reduceat(bits[order], starts)


def _digests(ids: Sequence[str]) -> NDArray[np.uint64]:
    return digests(0, "contributions/touched", list(ids))
