"""A dataset: the selected rows of an opened source, read by position."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit import seeds
from mmaudit.errors import InputError, UsageError
from mmaudit.kinds.base import Shape
from mmaudit.manifest.load import load
from mmaudit.manifest.model import Manifest, TargetKind
from mmaudit.manifest.splits import serving
from mmaudit.options import unknown
from mmaudit.samples.captions import grouped
from mmaudit.samples.shape import common_shape
from mmaudit.samples.source import Opened

PURPOSE = "limit"  # of the random numbers that choose the samples of `select`
AT_ONCE = 65_536


@dataclass(frozen=True, eq=False)
class Dataset:
    """Selected samples of a source, in the source's order.

    It holds row numbers, ids and labels, never what the samples carry, and travels to other
    processes as its manifest and rows.

    Attributes:
        manifest: What is claimed of the source.
        rows: The selected rows of the source, ``(n,)``, rising.
    """

    manifest: Manifest
    rows: NDArray[np.int64]
    _facts: dict[str, Any] = field(default_factory=dict, repr=False)  # travels along
    _local: dict[str, Opened] = field(default_factory=dict, repr=False)  # stays in this process

    def __len__(self) -> int:
        return int(self.rows.size)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel light: a run of rows as its ends, and the classes so that no one looks again."""
        first, last = (int(self.rows[0]), int(self.rows[-1])) if len(self) else (0, -1)
        gapless = last - first + 1 == len(self)
        rows = (first, last + 1) if gapless else self.rows
        return _restored, (self.manifest, rows, self._facts)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Names of the modalities, in the manifest's order."""
        return tuple(self.manifest.modalities)

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of each modality."""
        return {m: entry.kind for m, entry in self.manifest.modalities.items()}

    @property
    def target_kind(self) -> TargetKind | None:
        """``class``, ``multilabel`` or ``number``; None without a target."""
        return self.manifest.target.kind if self.manifest.target else None

    @property
    def classes(self) -> tuple[str, ...] | None:
        """All classes of the source in their order; None where the target is not one."""
        if "classes" not in self._facts:
            self._facts["classes"] = self.source.classes
        return self._facts["classes"]

    @cached_property
    def digests(self) -> dict[str, str]:
        """sha256 of the manifest, and of the content of the data that the selection reads."""
        return {"manifest": self.manifest.digest, "data": self.source.digest(self.rows)}

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that the source has, sorted; empty without a split column."""
        names = compute.unique(self.source.columns.column("split")).to_pylist()
        return tuple(sorted(s for s in names if s is not None))

    def split_for(self, purpose: str) -> str | None:
        """The split for ``train`` or ``test``, also if it is called `Train` or `testing`."""
        return serving(purpose, self.splits)

    @property
    def source(self) -> Opened:
        """The opened source, shared by all selections of it."""
        if "source" not in self._local:
            self._local["source"] = Opened(self.manifest, self._facts.get("versions"))
        return self._local["source"]

    def shape(self, modality: str) -> Shape:
        """What the values of a modality have in common: length, channels, rate."""
        if modality not in self.manifest.modalities:
            raise parts_unknown(modality, self.modalities)
        key = f"shape:{modality}"
        if key not in self._facts:
            self._facts[key] = common_shape(self.source, modality)
        return self._facts[key]

    def select(
        self, *, split: str | None = None, limit: int | None = None, seed: int = 0
    ) -> "Dataset":
        """Some of these samples.

        Args:
            split: Only samples of this split.
            limit: At most so many, chosen by a keyed hash of the id: whatever the order of the
                rows, and a smaller limit is contained in a larger one.
            seed: Key of that hash.

        Raises:
            UsageError: There is no such split, or the limit is not positive.
            InputError: Nothing is left.
        """
        rows = self.rows
        if split is not None:
            rows = rows[self._in_split(split)]
        if limit is not None and limit < 1:
            raise UsageError(f"a limit of {limit} leaves nothing", fix="a limit of 1 or more")
        if not rows.size:
            raise InputError(
                f"none of the selected samples is in the split {split!r}",
                where=self.manifest.file or self.manifest.name,
                fix="select the split before other conditions",
            )
        if limit is not None and limit < rows.size:
            some = Dataset(self.manifest, rows, self._facts, self._local)
            rows = np.sort(rows[some.ranked(np.arange(rows.size), seed)[:limit]])
        return Dataset(self.manifest, rows, self._facts, self._local)

    def ranked(self, positions: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        """Some positions by the random numbers of their ids, ``(n,)``.

        Args:
            positions: Some of the selected samples, from 0, ``(n,)``.
            seed: Key of the random numbers.
        """
        ids = self.column("id")
        keys = [
            seeds.digests(seed, PURPOSE, ids.take(pa.array(positions[s : s + AT_ONCE])).to_pylist())
            for s in range(0, positions.size, AT_ONCE)
        ]
        if not keys:
            return positions
        return positions[np.argsort(np.concatenate(keys), kind="stable")]

    def read(self, positions: Sequence[int] | NDArray[np.int64] | range) -> pa.RecordBatch:
        """Some samples as one record batch.

        Args:
            positions: Which of the selected samples, from 0, in any order.

        Returns:
            Columns id, label, split, group, ``slice:NAME`` …, and one a modality: media as
            ``struct<bytes, path, error>``, others as values. Null is absent.
        """
        return self.source.read(self.rows[np.asarray(positions, np.int64)])

    def cells(
        self, modality: str, positions: Sequence[int] | NDArray[np.int64] | range
    ) -> pa.Array:
        """One modality of some samples, as in `read`; cheaper than reading all."""
        return self.source.cells(modality, self.rows[np.asarray(positions, np.int64)])

    def column(self, name: str) -> pa.Array:
        """One column of the whole selection: id, label, split, group or ``slice:NAME``.

        Raises:
            UsageError: There is no such column.
        """
        columns = self.source.columns
        if name not in columns.column_names:
            raise UsageError(
                f"there is no column {name!r}", fix=f"one of {', '.join(columns.column_names)}"
            )
        column = columns.column(name)
        taken = column if len(self) == len(column) else column.take(pa.array(self.rows))
        return taken.combine_chunks() if taken.num_chunks != 1 else taken.chunk(0)

    def _in_split(self, split: str) -> NDArray[np.bool_]:
        if not self.manifest.source.split:
            raise UsageError(
                "the dataset has no split column",
                where=self.manifest.file or self.manifest.name,
                fix="name the column as split in [source], or leave --split out",
            )
        if split not in self.splits:
            raise UsageError(
                f"there is no split {split!r}",
                where=self.manifest.file or self.manifest.name,
                fix=f"one of {', '.join(self.splits)}",
            )
        same = compute.fill_null(compute.equal(self.column("split"), split), fill_value=False)
        return same.to_numpy(zero_copy_only=False)


def open(path_or_manifest: str | Path | Manifest) -> Dataset:  # noqa: A001
    """Open a dataset: all of its samples.

    Args:
        path_or_manifest: A manifest, its file, or the data from which one is inferred.

    Raises:
        UsageError: The manifest cannot mean anything, or names a column that is not there.
        InputError: The data is not there, empty, or ids and labels are not what they claim.
    """
    where = path_or_manifest
    manifest = grouped(where if isinstance(where, Manifest) else load(where))
    source = Opened(manifest)
    rows = np.arange(len(source), dtype=np.int64)
    # where the data is at a URL, other processes read the versions that are read here
    dataset = Dataset(manifest, rows, {"versions": source.versions}, {"source": source})
    # checked and looked at now, not in the middle of a run or again by every worker
    _ = source.columns, dataset.classes, [dataset.shape(m) for m in dataset.modalities]
    return dataset


def parts_unknown(modality: str, modalities: tuple[str, ...]) -> UsageError:
    """The refusal of a modality that the dataset does not have."""
    return unknown(f"the dataset has no modality {modality!r}", modality, modalities)


def _restored(
    manifest: Manifest, rows: tuple[int, int] | NDArray[np.int64], facts: dict[str, Any]
) -> Dataset:
    if isinstance(rows, tuple):
        rows = np.arange(*rows, dtype=np.int64)
    return Dataset(manifest, rows, facts)
