"""Memory does not grow with rows: a sweep over a million stays near one over ten thousand."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

pytestmark = pytest.mark.long
SWEEP = """
import resource, sys
import numpy as np
import mmaudit as mm

class Sign:
    modalities, classes = ("x",), ("down", "up")
    def scores(self, batch, present):
        up = 1 / (1 + np.exp(-3 * np.asarray(batch["x"])[:, 0]))
        return np.stack([1 - up, up], 1).astype(np.float32)

run = mm.robustness(
    sys.argv[1], Sign(), corruptions=("vector/gaussian_noise",), severities=(3,),
    absent=("zeros",), replicates=20, quiet=True,
)
assert len(run["robustness/samples"]) == 2 * int(sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def make(folder, rows):
    folder.mkdir()
    schema = pa.schema([("id", pa.string()), ("x", pa.list_(pa.float32())), ("y", pa.string())])
    rng = np.random.default_rng(0)
    with parquet.ParquetWriter(folder / "rows.parquet", schema) as writer:
        for start in range(0, rows, 10_000):
            x = rng.normal(size=(10_000, 16)).astype(np.float32)
            flat = pa.array(x.ravel())
            column = pa.ListArray.from_arrays(np.arange(0, x.size + 1, 16, dtype=np.int32), flat)
            ids = [f"row-{i}" for i in range(start, start + 10_000)]
            labels = np.where(x[:, 0] > 0, "up", "down")
            writer.write_table(pa.table([ids, column, labels], schema=schema))
    (folder / "dataset.toml").write_text(
        'schema = 1\nname = "rows"\n[source]\npath = "rows.parquet"\nid = "id"\n'
        '[modality.x]\nkind = "vector"\ncolumn = "x"\n[target]\ncolumn = "y"\nkind = "class"\n'
    )
    return folder / "dataset.toml"


def peak_mb(manifest, rows):
    done = subprocess.run(
        [sys.executable, "-c", SWEEP, str(manifest), str(rows)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.parametrize(
    ("rows", "most"), [(100_000, 100), pytest.param(1_000_000, 300, marks=pytest.mark.slow)]
)
def test_a_million_rows_take_at_most_300_mb_more_than_ten_thousand(tmp_path, rows, most):
    """What is read ahead takes its most soon: a tenth of the rows may take a third of that."""
    few = peak_mb(make(tmp_path / "few", 10_000), 10_000)
    many = peak_mb(make(tmp_path / "many", rows), rows)
    assert many - few <= most, (few, many)
