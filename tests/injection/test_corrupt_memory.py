"""What a run holds does not grow with the rows: light columns do, and nothing else."""

import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import vector_files

pytestmark = pytest.mark.long
MB = 2**20
AT_ONCE, WIDTH = 20_000, 64  # rows of a row group, entries of a vector
MANIFEST = vector_files.manifest("left", "right")
PEAK = """
import resource, sys
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
apply = ("vector/dropout:3@left", "vector/*:2@right")
corrupt_dataset(sys.argv[1], sys.argv[2], CorruptOptions(apply=apply, fraction=0.5), quiet=True)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def write(folder, rows):
    folder.mkdir()
    rng = np.random.default_rng(0)
    schema = pa.schema(
        [("id", pa.string()), *((m, pa.list_(pa.float32(), WIDTH)) for m in ("left", "right"))]
    )
    with parquet.ParquetWriter(folder / "rows.parquet", schema) as writer:
        for start in range(0, rows, AT_ONCE):
            n = min(AT_ONCE, rows - start)
            values = [
                pa.FixedSizeListArray.from_arrays(
                    pa.array(rng.normal(size=n * WIDTH).astype(np.float32)), WIDTH
                )
                for _ in range(2)
            ]
            ids = pa.array([f"sample-{i}" for i in range(start, start + n)])
            writer.write_table(pa.table([ids, *values], schema=schema))
    (folder / "dataset.toml").write_text(MANIFEST)
    return folder / "dataset.toml"


def peak(folder, rows):
    told = subprocess.run(
        [sys.executable, "-c", PEAK, str(write(folder, rows)), str(folder / "out")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    return int(told.stdout)


@pytest.mark.parametrize(
    ("rows", "most"), [(60_000, 75), pytest.param(300_000, 150, marks=pytest.mark.slow)]
)
def test_many_times_the_rows_take_little_more_memory(tmp_path, rows, most):
    """Six times the rows within the half of what thirty times may take."""
    few, many = peak(tmp_path / "few", 10_000), peak(tmp_path / "many", rows)
    assert many - few < most * MB, f"{few / MB:.0f} MB, then {many / MB:.0f} MB"
