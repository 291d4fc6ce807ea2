"""Training plan: which samples to repeat with which modality masked, and the file it is kept in.

References:
    Wei, Feng, Wang, Hu 2024, "Enhancing multimodal cooperation via sample-level modality
    valuation", arXiv:2309.06255
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from mmaudit.audits.base import Read
from mmaudit.audits.contributions.columns import phi
from mmaudit.errors import UsageError
from mmaudit.measures.games.copies import copies

PLAN = "training_plan"
WRITE = {".parquet": parquet.write_table, ".csv": csv.write_csv}  # by the ending of the file
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("keep", pa.string(), nullable=False),
        pa.field("masked", pa.string(), nullable=False),
        pa.field("copies", pa.int64(), nullable=False),
    ]
)


def training_plan(read: Read, group: int, modalities: Sequence[str]) -> pa.Table:
    """Samples to repeat, which modality to keep in the copies, and which to mask.

    Args:
        read: Reads back the units' tables.
        group: The row group of the worth ``correct_size``.
        modalities: Names of the players.
    """
    rows = []
    for table in read(["id", *(f"phi_{m}" for m in modalities)], group):
        counts = copies(phi(table, modalities))
        ids = table["id"].to_pylist()
        for i, k in zip(*np.nonzero(counts), strict=True):
            masked = ",".join(m for j, m in enumerate(modalities) if j != k)
            row = {"id": ids[i], "keep": modalities[k], "masked": masked}
            rows.append(row | {"copies": int(counts[i, k])})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def check_plan(file: Path | None) -> None:
    """Refuse a file of a form that is not written.

    Raises:
        UsageError: It ends in something else than ``.parquet`` or ``.csv``.
    """
    if file is not None and file.suffix not in WRITE:
        raise UsageError(f"a training plan cannot be {str(file)!r}", fix="PLAN.parquet or PLAN.csv")


def plan_file(plan: pa.Table, file: Path) -> Mapping[str, bytes]:
    """The plan as the content of the file that was asked for, wherever it lies."""
    content = pa.BufferOutputStream()
    WRITE[file.suffix](plan, content)
    return {str(file.absolute()): content.getvalue().to_pybytes()}
