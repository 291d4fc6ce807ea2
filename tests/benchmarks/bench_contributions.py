"""What a run of contributions costs beside its model: CPU time a sample, and what is fixed.

    PYTHONPATH=.:tests/kits OMP_NUM_THREADS=1 python tests/benchmarks/bench_contributions.py

Three modalities of 8 numbers, two classes, a model that takes a mask, the default worths, no
reference models. The whole run from files to files, at two sizes: what a further sample costs is
the difference over theirs, the rest is fixed. Last, the bootstrap of 60 columns beside the one
that draws every row anew.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

import mmaudit as mm
from mmaudit.measures.intervals.bootstrap import replicated_means, unit_keys
from mmaudit.measures.intervals.streamed import Chunk, means

SIZES = (10_000, 40_000)
COLUMNS = 60
MODALITIES = "abc"
MANIFEST = """schema = 1
name = "bench"
[source]
path = "rows.parquet"
id = "id"
[target]
column = "label"
kind = "class"
"""


class Small:
    """A linear model; its own time is taken off."""

    modalities, classes = tuple(MODALITIES), ("no", "yes")
    output, accepts_missing = "probabilities", True
    seconds = 0.0

    def scores(self, batch, present):
        start = time.process_time()
        votes = [np.asarray(batch[m]).sum(axis=1) * present[m] for m in MODALITIES]
        p = 1 / (1 + np.exp(-np.sum(votes, axis=0) / 8))
        Small.seconds += time.process_time() - start
        return np.stack([1 - p, p], axis=1).astype(np.float32)


def dataset(folder, n):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    rows = {"id": [f"s{i}" for i in range(n)], "label": np.array(["no", "yes"])[labels]}
    rows |= {m: list(rng.normal(labels[:, None] - 0.5, 2, (n, 8))) for m in MODALITIES}
    parquet.write_table(pa.table(rows), folder / "rows.parquet")
    kinds = "".join(f'[modality.{m}]\nkind = "vector"\ncolumn = "{m}"\n' for m in MODALITIES)
    (folder / "dataset.toml").write_text(MANIFEST + kinds)
    return folder / "dataset.toml"


def run(n):
    """CPU seconds of a run without those of its model."""
    with tempfile.TemporaryDirectory() as folder:
        where = dataset(Path(folder), n)
        Small.seconds, start = 0.0, time.process_time()
        mm.contributions(where, Small(), unimodal=("none",), quiet=True)
        return time.process_time() - start - Small.seconds


def clocked(function):
    start = time.process_time()
    function()
    return time.process_time() - start


if __name__ == "__main__":
    run(600)
    few, many = (min(run(n) for _ in range(3)) for n in SIZES)
    each = (many - few) / (SIZES[1] - SIZES[0])
    print(f"| a further sample | {1000 * each:.3f} ms |")
    print(f"| whatever their number | {few - each * SIZES[0]:.2f} s |")
    n = SIZES[0]
    values = np.random.default_rng(0).normal(size=(n, COLUMNS))
    keys, part = unit_keys(0, [str(i) for i in range(n)]), np.zeros((1, n), int)
    pieces = [Chunk(keys, values, part)]
    names = [str(c) for c in range(COLUMNS)]
    rows = clocked(lambda: replicated_means(values, keys))
    blocks = min(clocked(lambda: means(names, pieces.__iter__)) for _ in range(3))
    print(f"| bootstrap of {COLUMNS} columns, rows | {1000 * rows / n:.4f} ms a row |")
    print(f"| by blocks | {1000 * blocks / n:.4f} ms a row, {rows / blocks:.0f} times as fast |")
