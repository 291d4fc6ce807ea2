"""Datasets of two vectors a row for noisy-pairs, and what a run of it says."""

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import mmaudit as mm

MANIFEST = """schema = 1
name = "pairs"
[source]
path = "data.parquet"
id = "id"
{source}
[modality.left]
kind = "vector"
column = "left"
[modality.right]
kind = "vector"
column = "right"
{rest}
"""


def written(folder, left, right, *, order=None, source="", rest="", **columns):
    """A dataset of two vectors a row; ids keep to their row whatever the order."""
    order = np.arange(len(left)) if order is None else order
    table = pa.table(
        {
            "id": [f"pair-{i:05d}" for i in range(len(left))],
            "left": list(left),
            "right": list(right),
            **columns,
        }
    ).take(pa.array(order))
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, folder / "data.parquet")
    (folder / "dataset.toml").write_text(MANIFEST.format(source=source, rest=rest))
    return folder / "dataset.toml"


def audited(dataset, **options):
    return mm.noisy_pairs(dataset, quiet=True, **options)


def summary(run):
    rows = run["noisy_pairs/summary"].arrow().to_pylist()
    return {r["metric"]: r["estimate"] for r in rows if r["slice"] == "all"}
