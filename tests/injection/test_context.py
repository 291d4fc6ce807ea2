"""What corruptions are told of the other samples."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.tables import store

MANIFEST = """schema = 1
[source]
path = "rows.parquet"
id = "id"

[modality.v]
kind = "vector"
column = "v"
"""


def test_a_donor_is_found_where_most_are_absent(tmp_path):
    there = {3, 77, 150}
    values = [[float(i)] * 4 if i in there else None for i in range(200)]
    table = pa.table(
        {
            "id": [f"r{i}" for i in range(200)],
            "v": pa.array(values, pa.list_(pa.float32())),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    (tmp_path / "dataset.toml").write_text(MANIFEST)
    asked = CorruptOptions(apply=("vector/swap_with_other_sample:5",))
    corrupt_dataset(tmp_path / "dataset.toml", tmp_path / "out", asked, quiet=True)
    told = store.read(tmp_path / "out" / "ledger.parquet").to_pandas()
    assert told.applied.sum() == 3
    after = open_dataset(tmp_path / "out").cells("v", np.array(sorted(there))).to_pylist()
    borrowed = [set(row) - {float(i)} for i, row in zip(sorted(there), after, strict=True)]
    assert all(len(b) == 1 and b <= {3.0, 77.0, 150.0} for b in borrowed)


def test_texts_are_sorted_by_those_that_are_moved(tmp_path):
    words = [f"{(i * 37) % 100:02d}" for i in range(100)]
    table = {"id": [f"r{i:02d}" for i in range(100)], "title": words[::-1], "body": words}
    pq.write_table(pa.table(table), tmp_path / "rows.parquet")
    texts = "".join(f'[modality.{m}]\nkind = "text"\ncolumn = "{m}"\n' for m in ("title", "body"))
    source = MANIFEST.partition("[modality")[0]
    (tmp_path / "dataset.toml").write_text(source + texts)
    for moved, kept in [("body", "title"), ("title", "body")]:
        asked = CorruptOptions(apply=(f"pairing/sorted_one_side:rate=1.0@{moved}",))
        corrupt_dataset(tmp_path / "dataset.toml", tmp_path / moved, asked, quiet=True)
        after = open_dataset(tmp_path / moved)
        assert after.cells(moved, np.arange(100)).to_pylist() == sorted(words)
        assert after.cells(kept, np.arange(100)).to_pylist() == table[kept]
