"""What `inspect` keeps of a row is little: its state, its checks and its fingerprint, not its value."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

pytestmark = pytest.mark.slow
FEW, MANY, WIDTH = 13_000, 30_000, 1_024  # rows, and features of each: four kilobytes
BLOCK = 1_000
INSPECT = """
import resource, sys
import mmaudit as mm

run = mm.inspect(sys.argv[1], quiet=True, checks=["vector/norm"], memory="32MB")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(folder, rows):
    """Bytes that a process takes that inspects so many vectors, 1 % of them copies."""
    rng = np.random.default_rng(0)
    path = folder / f"{rows}.parquet"
    kind = pa.list_(pa.float32(), WIDTH)
    schema = pa.schema([("id", pa.string()), ("x", kind), ("split", pa.string())])
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, BLOCK):
            x = rng.normal(size=(BLOCK, WIDTH)).astype(np.float32)
            x[:10] = x[10:20].astype(np.float16)
            ids = [f"row-{i}" for i in range(start, start + BLOCK)]
            cells = pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), WIDTH)
            split = np.where(rng.random(BLOCK) < 0.2, "test", "train")
            writer.write_table(pa.table([ids, cells, split], schema=schema))
    done = subprocess.run(
        [sys.executable, "-c", INSPECT, str(path)], capture_output=True, text=True, check=True
    )
    return 1024 * int(done.stdout)


def test_little_is_kept_of_a_row(tmp_path):
    """Less than half of what it weighs; what is read ahead, 48 MB, is full with the fewer rows."""
    grown = peak(tmp_path, MANY) - peak(tmp_path, FEW)
    assert grown < 4 * WIDTH * (MANY - FEW) / 2
