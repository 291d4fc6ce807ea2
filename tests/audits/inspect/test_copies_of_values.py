"""Near copies of vectors in a dataset: counted, listed with the other, and leaks where splits differ."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mmaudit as mm
from mmaudit.audits.inspect.modality_checks import fingerprints
from mmaudit.fingerprints import vector

N = 400
ROUNDED, LOUDER, LEAK = 10, 20, 30  # rows that are copies of the row before


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vectors")
    rows = np.random.default_rng(0).normal(size=(N, 24)).astype(np.float32)
    rows[ROUNDED] = rows[ROUNDED - 1].astype(np.float16)
    rows[LOUDER] = 3 * rows[LOUDER - 1]
    rows[LEAK] = rows[LEAK - 1] + 0.002
    split = ["test" if i == LEAK else "train" for i in range(N)]
    table = {"id": [f"r{i}" for i in range(N)], "x": list(rows), "split": split}
    table = pa.table(table | {"text": [f"a {i}" for i in range(N)]})  # too short for a fingerprint
    pq.write_table(table, folder / "rows.parquet")
    return mm.inspect(folder / "rows.parquet", quiet=True)


def test_copies_are_counted_and_listed_with_the_other(run):
    rows = run["inspect/summary"].arrow().to_pylist()
    summary = {
        r["metric"]: r["estimate"]["value"]
        for r in rows
        if (r["modality"], r["slice"]) == ("x", "all")
    }
    assert summary["near_duplicate_rate"] == pytest.approx(3 / N)
    assert summary["duplicate_rate"] == 0
    assert summary["across_splits"] == 2
    issues = {
        r["id"]: r for r in run["inspect/issues"].arrow().to_pylist() if "that of" in r["reason"]
    }
    assert {f"r{i}" for i in (ROUNDED, LOUDER, LEAK)} == set(issues)
    assert f"nearly the same as that of r{LEAK - 1}" in issues[f"r{LEAK}"]["reason"]
    assert issues[f"r{LEAK}"]["check"] == "across_splits"


def test_what_fingerprints_need_of_the_set_is_learnt_once(tmp_path, monkeypatch):
    """The units and the search among them ask for the same; neither is left in memory."""
    rows = np.random.default_rng(1).normal(size=(80, 8)).astype(np.float32)
    pq.write_table(
        pa.table({"id": [f"{i}" for i in range(80)], "x": list(rows)}), tmp_path / "r.parquet"
    )
    calls, learn = [], vector.FINGERPRINT.learn
    counted = replace(vector.FINGERPRINT, learn=lambda *what: calls.append(1) or learn(*what))
    monkeypatch.setattr(vector, "FINGERPRINT", counted)
    mm.inspect(tmp_path / "r.parquet", quiet=True)
    assert len(calls) == 1
    assert fingerprints.cache_info().currsize == 0
