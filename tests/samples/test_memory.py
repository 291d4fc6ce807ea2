import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

D = 64
STREAM = """
import sys
from pathlib import Path
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode, stack
dataset = data.open(Path(sys.argv[1]))
for start in range(0, len(dataset), 2048):
    batch = dataset.read(range(start, min(start + 2048, len(dataset))))
    stack(decode(dataset, batch).values["x"], "vector")
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


def peak_mib(folder, n, group):
    schema = pa.schema([("x", pa.list_(pa.float32(), D))])
    x = np.random.default_rng(0).standard_normal((min(n, group), D), dtype=np.float32)
    part = pa.table({"x": pa.FixedSizeListArray.from_arrays(x.ravel(), D)}, schema=schema)
    with parquet.ParquetWriter(folder / "data.parquet", schema) as writer:
        for start in range(0, n, group):
            writer.write_table(part.slice(0, n - start), row_group_size=group)
    told = [sys.executable, "-c", STREAM, str(folder / "data.parquet")]
    return int(subprocess.run(told, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize(("n", "group", "most"), [(500_000, 2**20, 100), (1_000_000, 2**16, 200)])
def test_memory_does_not_grow_with_what_rows_carry(tmp_path, n, group, most):
    few, many = (peak_mib(tmp_path, count, group) for count in (5_000, n))
    assert most < n * D * 4 / 2**20  # what is carried: 122 and 244 MiB
    assert many - few < most  # row numbers, ids, and a cache with an upper bound
