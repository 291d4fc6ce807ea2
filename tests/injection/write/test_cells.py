"""Columns of tables come through a copy with their types and values."""

import json
from datetime import date

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from mmaudit.doses.table import changed as share_changed
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.record.verify import verify
from mmaudit.injection.run import corrupt_dataset
from mmaudit.manifest.model import Manifest
from mmaudit.manifest.readers.base import stored
from mmaudit.samples.dataset import open as open_dataset
from mmaudit.samples.decode import decode
from mmaudit.tables import store

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
        floats = name == "small" and "noise" in apply  # no fraction of it is a whole number
        assert column.type == (pa.float64() if floats else wanted.type)
        if apply.startswith("text/"):
            assert column.to_pylist() == wanted.to_pylist()
        elif pa.types.is_boolean(wanted.type) or pa.types.is_temporal(wanted.type):
            assert set(column.to_pylist()) <= {None, *wanted.to_pylist()}


STEPS = ["drop_entry:1", "stale_value:1", "gaussian_noise:1", "unit_error:5", "out_of_range:1"]
FORMS = [*(("parquet", step) for step in STEPS), ("jsonl", STEPS[2]), ("csv", STEPS[1])]
ROWS = [
    {"id": f"s{i}", "big": 2**62 + i * 10**6, "small": i, "x": i / 3, "code": i % 3 + 1}
    for i in range(40)
]


@pytest.mark.parametrize(("form", "step"), FORMS)
def test_whole_numbers_that_no_float_holds_stay_exact(tmp_path, form, step):
    path = tmp_path / f"rows.{form}"
    table = pa.Table.from_pylist(ROWS)
    if form == "parquet":
        parquet.write_table(table, path)
    elif form == "csv":
        csv.write_csv(table, path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (tmp_path / "d.toml").write_text(
        f'[source]\npath = "{path.name}"\nid = "id"\n[modality.t]\nkind = "table"\n'
        'columns = ["big", "small", "x", "code"]\ncategorical = ["code"]\n'
    )
    options = CorruptOptions(apply=(f"table/{step}",), fraction=0.5)
    corrupt_dataset(tmp_path / "d.toml", tmp_path / "out", options, quiet=True)
    was, now = (open_dataset(tmp_path / where) for where in ("d.toml", "out"))
    before, after = (stored(d.source.reader, list(ROWS[0]), d.rows).to_pylist() for d in (was, now))
    for row in [*before, *after]:
        row["code"] = row["code"] and str(row["code"])
    changed = [{c for c in b if b[c] != a[c]} for b, a in zip(before, after, strict=True)]
    assert sum(map(bool, changed)) <= 20
    assert any("big" in names for names in changed)
    ledger = store.read(tmp_path / "out" / "ledger.parquet").to_pylist()
    clean, worse = (decode(d, d.read(range(40))).values["t"] for d in (was, now))
    for at, row in enumerate(ledger):
        if row["dose_name"] == "share_changed" and row["applied"]:
            assert row["dose"] == share_changed(clean[at], worse[at])
    types = dict(zip(now.source.reader.schema.names, now.source.reader.schema.types, strict=True))
    whole = pa.string() if form == "csv" else pa.int64()
    assert types["big"] == whole
    if form == "parquet":
        keeps = step.partition(":")[0] in {"drop_entry", "stale_value"}
        assert types["small"] == (pa.int64() if keeps else pa.float64())
        assert types["code"] == (pa.int64() if keeps else pa.string())
    assert verify(tmp_path / "out" / "card.json")[0]
