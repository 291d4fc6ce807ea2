"""Shards: rows that were written together, the files of a dataset or the values of a column."""

import os
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.errors import UsageError
from mmaudit.manifest.splits import Counted
from mmaudit.measures.pairs.forensics.columns import Shard
from mmaudit.samples.dataset import Dataset

ROW = re.compile(r"(:\d+| row \d+| sample '.*')( text \d+)?$")  # what a place says after its file


def shards(dataset: Dataset, positions: NDArray[np.int64], column: str | None) -> tuple[Shard, ...]:
    """The shards of some samples, in the order of the file; none where all are in one.

    Args:
        dataset: The selection.
        positions: Samples of it, ``(n,)``, rising.
        column: Column of the data that names the shard or session of a row; None takes the files.

    Raises:
        UsageError: There is no such column.
    """
    names, number = _column(dataset, positions, column) if column else _files(dataset, positions)
    here, first = np.unique(number, return_index=True)
    if len(here) < 2:
        return ()
    order = here[np.argsort(first, kind="stable")].tolist()
    return tuple(Shard(names[k], np.flatnonzero(number == k)) for k in order)


def _column(
    dataset: Dataset, positions: NDArray[np.int64], name: str
) -> tuple[list[str], NDArray[np.int64]]:
    reader = dataset.source.reader
    if name not in reader.schema.names:
        raise UsageError(
            f"the data has no column {name!r}", fix=f"one of {', '.join(reader.schema.names)}"
        )
    cells = reader.column(name).take(pa.array(dataset.rows[positions])).to_pylist()
    values, number = np.unique(np.array([str(c) for c in cells], np.str_), return_inverse=True)
    return [f"{name} {value}" for value in values.tolist()], number.astype(np.int64)


def _files(dataset: Dataset, positions: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int64]]:
    reader = dataset.source.reader
    if not isinstance(reader, Counted):
        return [""], np.zeros(len(positions), np.int64)
    starts = reader.file_starts()
    number = np.searchsorted(starts, dataset.rows[positions], side="right") - 1
    inside = np.flatnonzero(starts < len(reader))  # a file without rows has no place
    paths = {int(k): ROW.sub("", reader.place(int(starts[k]))) for k in inside}
    top = os.path.commonpath([Path(p).parent for p in paths.values()])
    names = [os.path.relpath(paths[k], top) if k in paths else "" for k in range(len(starts))]
    return names, number.astype(np.int64)
