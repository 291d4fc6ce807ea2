"""Unstable samples: those whose answers change most often as the data gets worse."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mmaudit.audits.base import Read
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.gallery import Exhibit, gallery

MOST = 12


def unstable(dataset: Dataset, read: Read, flips: NDArray[np.int64], conditions: int) -> pa.Table:
    """A gallery of the samples whose answers changed under most conditions.

    Args:
        dataset: The selected samples.
        read: Reads back the units' tables.
        flips: Under how many conditions each sample's answer was another than on clean data, in
            the order of the clean rows, ``(n,)``.
        conditions: How many conditions there were beside clean.
    """
    ranked = np.argsort(-flips, kind="stable")[:MOST]
    rows = [int(r) for r in ranked if flips[r]]
    shown = _ids(read, rows)
    ids = dataset.column("id")
    exhibits = [
        Exhibit(
            pc.index(ids, shown[row]).as_py(),
            f"another answer under {flips[row]} of {conditions} conditions",
        )
        for row in rows
    ]
    return gallery(dataset, exhibits)


def _ids(read: Read, rows: list[int]) -> dict[int, str]:
    """Ids of some clean rows, one unit in memory at a time."""
    ids: dict[int, str] = {}
    start = 0
    for table in read(["id"], 0):
        ids |= {
            row: table["id"][row - start].as_py()
            for row in rows
            if start <= row < start + table.num_rows
        }
        start += table.num_rows
    return ids
