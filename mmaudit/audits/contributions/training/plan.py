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
from mmaudit.seeds import digests, permanent

PLAN = "training_plan"
WRITE = {".parquet": parquet.write_table, ".csv": csv.write_csv}  # by the ending of the file
SHARE_OF_GAP = 2 / 3  # of the gap, as a share of the samples
LEVELS = ("sample", "modality")
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("keep", pa.string(), nullable=False),
        pa.field("masked", pa.string(), nullable=False),
        pa.field("copies", pa.int64(), nullable=False),
    ]
)


def plan(read: Read, group: int, modalities: Sequence[str], level: str, seed: int) -> pa.Table:
    """The plan of one of the `LEVELS`."""
    if level == "modality":
        return modality_plan(read, group, modalities, seed)
    return sample_plan(read, group, modalities)


def sample_plan(read: Read, group: int, modalities: Sequence[str]) -> pa.Table:
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


def modality_plan(read: Read, group: int, modalities: Sequence[str], seed: int) -> pa.Table:
    """Copies of random samples with nothing but the modality that contributes least.

    Two thirds of the gap of mean contributions, as a share of the samples: between the lowest and
    the mean of the others, of two modalities the other. Samples are taken by random numbers of
    their ids, more than once each only where the share is above 1.

    Args:
        read: As of `sample_plan`.
        group: Likewise.
        modalities: Likewise.
        seed: Seed of the choice.
    """
    ids, values = list[str](), []
    for table in read(["id", *(f"phi_{m}" for m in modalities)], group):
        ids += table["id"].to_pylist()
        values.append(phi(table, modalities))
    whole = np.concatenate(values)
    there = [k for k in range(len(modalities)) if not np.isnan(whole[:, k]).all()]
    mean = {k: float(np.nanmean(whole[:, k])) for k in there}
    if len(mean) < 2:
        return pa.Table.from_pylist([], schema=SCHEMA)
    least = min(mean, key=lambda k: mean[k])
    gap = np.mean([value for k, value in mean.items() if k != least]) - mean[least]
    able = np.flatnonzero(~np.isnan(whole[:, least]))
    order = permanent(digests(seed, "contributions/plan", [ids[i] for i in able]))[:, 0]
    times, rest = divmod(round(SHARE_OF_GAP * float(gap) * able.size), able.size)
    counts = times + (np.argsort(np.argsort(order)) < rest)
    masked = ",".join(m for k, m in enumerate(modalities) if k != least)
    rows = [
        {"id": ids[i], "keep": modalities[least], "masked": masked, "copies": int(count)}
        for i, count in zip(able, counts, strict=True)
        if count
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def check_plan(file: Path | None) -> None:
    """Refuse a file of a form that is not written.

    Raises:
        UsageError: It ends in something else than ``.parquet`` or ``.csv``.
    """
    if file is not None and file.suffix not in WRITE:
        raise UsageError(f"a training plan cannot be {str(file)!r}", fix="PLAN.parquet or PLAN.csv")


def plan_file(table: pa.Table, file: Path) -> Mapping[str, bytes]:
    """The plan as the content of the file that was asked for, wherever it lies."""
    content = pa.BufferOutputStream()
    WRITE[file.suffix](table, content)
    return {str(file.absolute()): content.getvalue().to_pybytes()}
