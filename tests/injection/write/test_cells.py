"""Columns of tables come through a copy with their types and values."""

from datetime import date

import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.run import corrupt_dataset
from mmaudit.manifest.model import Manifest

N = 8
COLUMNS = {
    "number": pa.array([2**53 + 2 * i + 1 for i in range(N)], pa.int64()),
    "small": pa.array([None, *range(N - 1)], pa.int16()),
    "ok": pa.array([True, False] * (N // 2)),
    "day": pa.array([date(2024, 2, 1 + i) for i in range(N)]),
    "x": pa.array([0.5 * i for i in range(N)]),
}


@pytest.mark.parametrize(
    "apply", ["text/keyboard:3", "table/drop_entry:1", "table/gaussian_noise:1"]
)
def test_types_and_values_of_columns_come_through(tmp_path, apply):
    notes = {"note": [f"a few plain words of row {i}" for i in range(N)]}
    parquet.write_table(pa.table(COLUMNS | notes), tmp_path / "rows.parquet")
    keys = {
        "source": {"path": "rows.parquet"},
        "modality": {
            "text": {"kind": "text", "column": "note"},
            "table": {"kind": "table", "columns": list(COLUMNS)},
        },
    }
    manifest = Manifest.model_validate(keys).placed(tmp_path)
    (tmp_path / "d.toml").write_text(manifest.to_toml())
    options = CorruptOptions(apply=(apply,))
    corrupt_dataset(tmp_path / "d.toml", tmp_path / "out", options, quiet=True)
    written = parquet.read_table(tmp_path / "out" / "data")
    for name, wanted in COLUMNS.items():
        column = next(written[c] for c in written.column_names if c.split(".")[-1] == name)
        whole = pa.types.is_integer(wanted.type) and "table/" in apply
        assert column.type == (pa.float64() if whole else wanted.type)
        if apply.startswith("text/"):
            assert column.to_pylist() == wanted.to_pylist()
        elif pa.types.is_boolean(wanted.type) or pa.types.is_temporal(wanted.type):
            assert set(column.to_pylist()) <= {None, *wanted.to_pylist()}
