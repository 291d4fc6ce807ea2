"""Tables are typed, sorted, whole, and say how they were made."""

from dataclasses import dataclass

import pyarrow as pa
import pytest
from pyarrow import parquet

from mmaudit.errors import InputError
from mmaudit.rows import Estimate, column
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance, provenance


@dataclass(frozen=True, slots=True)
class Row:
    name: str = column("who")
    severity: int | None = column("how bad")
    share: Estimate = column("how many", unit="1", better="higher")


MADE = Provenance(audit="test", options={"a": (1, 2)}, seed=3, headline="All is well.")


def row(name="a", severity=1, value=0.5):
    return Row(name, severity, Estimate(value, 0.4, 0.6, 10))


def test_round_trip_with_provenance_and_help(tmp_path):
    path = store.write(to_table([row("b"), row("a", None)], Row, MADE), tmp_path / "t.parquet")
    table = store.read(path)
    assert table["name"].to_pylist() == ["a", "b"]
    assert table.schema.field("share").metadata[b"better"] == b"higher"
    told = provenance(table.schema.metadata)
    assert (told.audit, told.seed, told.headline) == ("test", 3, "All is well.")


def test_the_order_of_rows_does_not_change_the_bytes(tmp_path):
    rows = [row(n, s) for n in "cab" for s in (1, 2, 3)]
    one = store.write(to_table(rows, Row, MADE), tmp_path / "one.parquet")
    two = store.write(to_table(rows[::-1], Row, MADE), tmp_path / "two.parquet")
    assert one.read_bytes() == two.read_bytes()


def test_nan_is_refused():
    with pytest.raises(ValueError, match="NaN"):
        to_table([row(value=float("nan"))], Row, MADE)


def test_foreign_broken_and_absent_files_are_refused(tmp_path):
    foreign = tmp_path / "foreign.parquet"
    parquet.write_table(pa.table({"a": [1]}), foreign)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(foreign.read_bytes()[:30])
    for path in (foreign, broken, tmp_path / "absent.parquet"):
        with pytest.raises(InputError):
            store.read(path)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = store.write(to_table([row()], Row, MADE), tmp_path / "t.parquet")
    before = path.read_bytes()

    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(store.parquet.ParquetWriter, "write_table", fail)
    with pytest.raises(OSError, match="disk full"):
        store.write(to_table([row("z")], Row, MADE), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["t.parquet"]


def test_floats_have_no_dictionary_and_words_have(tmp_path):
    """A dictionary of numbers that do not repeat costs time, and bytes."""
    table = pa.table({"id": ["a", "b"] * 50, "value": [x / 7 for x in range(100)]})
    with parquet.ParquetFile(store.write(table, tmp_path / "t.parquet")) as file:
        group = file.metadata.row_group(0)
        encoded = {c.path_in_schema: c.has_dictionary_page for c in map(group.column, range(2))}
    assert encoded == {"id": True, "value": False}
