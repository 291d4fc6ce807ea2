"""What `inspect` takes hardly grows with the rows: ten times as many take a sixth more at most.

With labels, two splits, twenty slices and a twentieth of copies, of vectors and of tables.
"""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

pytestmark = pytest.mark.slow
FEW, MANY, BLOCK, WIDTH = 20_000, 200_000, 10_000, 32
MOST = 7 / 6
INSPECT = """
import resource, sys
import mmaudit as mm

run = mm.inspect(sys.argv[1], quiet=True)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
MANIFEST = """
name = "rows"
[source]
path = "rows.parquet"
id = "id"
split = "split"
slices = ["site"]
[target]
column = "label"
kind = "class"
"""
MODALITIES = {
    "vector": '[modality.x]\nkind = "vector"\ncolumn = "x"\n',
    "table": '[modality.x]\nkind = "table"\ncolumns = ["a", "b", "c", "w"]\ncategorical = ["w"]\n',
}


def block(rng, start, kind):
    """Rows, the last twentieth of which have the values of the first."""
    label = rng.integers(0, 10, BLOCK)
    x = (rng.normal(size=(BLOCK, WIDTH)) + label[:, None] / 10).astype(np.float32)
    words = np.array([f"word {k}" for k in range(20)])[rng.integers(0, 20, BLOCK)]
    x[-BLOCK // 20 :], words[-BLOCK // 20 :] = x[: BLOCK // 20], words[: BLOCK // 20]
    columns = {
        "id": [f"row-{i}" for i in range(start, start + BLOCK)],
        "split": np.where(rng.random(BLOCK) < 0.2, "test", "train"),
        "site": [f"site {k}" for k in rng.integers(0, 20, BLOCK)],
        "label": [f"class {k}" for k in label],
    }
    if kind == "vector":
        return pa.table(columns | {"x": pa.FixedSizeListArray.from_arrays(x.ravel(), WIDTH)})
    return pa.table(columns | {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "w": words})


def peak(folder, rows, kind):
    """Bytes that a process takes that inspects so many rows."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    first = block(rng, 0, kind)
    with parquet.ParquetWriter(folder / "rows.parquet", first.schema) as writer:
        writer.write_table(first)
        for start in range(BLOCK, rows, BLOCK):
            writer.write_table(block(rng, start, kind))
    (folder / "dataset.toml").write_text(MANIFEST + MODALITIES[kind])
    done = subprocess.run(
        [sys.executable, "-c", INSPECT, str(folder / "dataset.toml")],
        capture_output=True,
        text=True,
        check=True,
    )
    return 1024 * int(done.stdout)


@pytest.mark.parametrize("kind", sorted(MODALITIES))
def test_ten_times_the_rows_take_hardly_more(tmp_path, kind):
    few, many = (peak(tmp_path / str(rows), rows, kind) for rows in (FEW, MANY))
    assert many <= MOST * few, (few, many)
