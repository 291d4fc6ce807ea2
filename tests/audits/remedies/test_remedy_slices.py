"""Slices of remedies: what is said of a part of the samples is said of these alone, without verdict."""

import numpy as np
import pyarrow.parquet as pq
import pytest

import mmaudit as mm
import vector_files
from mmaudit.tables.provenance import provenance

HOW = {"methods": ("control/*",), "steps": 20, "width": 4, "seeds": 3, "quiet": True}
TRAIN, TEST = 120, 90


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Samples of two sites, in pairs of one patient, and one of a site of its own."""
    folder = tmp_path_factory.mktemp("sliced")
    rng = np.random.default_rng(0)
    n = TRAIN + TEST
    labels = rng.integers(0, 2, n)
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": [f"k{c}" for c in labels],
        "half": ["test" if i >= TRAIN else "train" for i in range(n)],
        "site": ["rare" if i == n - 1 else ("north", "south")[i // 2 % 2] for i in range(n)],
        "patient": [f"p{i // 2}" for i in range(n)],
        **{m: (rng.normal(size=(n, 4)) + labels[:, None]).tolist() for m in "ab"},
    }
    source = 'split = "half"\nslices = ["site"]\ngroup = "patient"'
    where = vector_files.write(
        folder, table, "a", "b", source=source, target=vector_files.CLASS_OF_LABEL
    )
    site = dict(zip(table["id"], table["site"], strict=True))
    return mm.remedies(where, out=folder / "run", **HOW).path, site


def rows(out):
    return pq.read_table(out / "remedies" / "summary.parquet").to_pylist()


def right(out, site):
    """Right answers to clean samples, by method and site."""
    said = {}
    for path in sorted((out / "remedies" / "samples").glob("*.parquet")):
        for row in pq.read_table(
            path, columns=["method", "condition", "id", "correct"]
        ).to_pylist():
            if row["condition"] == "clean":
                said.setdefault((row["method"], site[row["id"]]), []).append(row["correct"])
    return {key: np.mean(values) for key, values in said.items()}


def test_a_slice_is_the_mean_of_its_samples(run):
    out, site = run
    expected = right(out, site)
    of = [r for r in rows(out) if r["slice"] != "all" and r["family"] == "clean"]
    assert {r["slice"] for r in of} == {"site=north", "site=south"}
    for row in of:
        where = row["slice"].removeprefix("site=")
        value = expected[row["method"], where]
        if row["metric"] == "gain_in_slice":
            value -= expected[row["control"], where]
        assert row["estimate"]["value"] == pytest.approx(value)
        assert row["estimate"]["low"] <= value <= row["estimate"]["high"]
        assert row["verdict"] == ""
        assert row["needs"] is None
    assert {r["metric"] for r in of} == {"accuracy", "gain_in_slice"}


def test_verdicts_are_of_all_samples_and_a_slice_of_one_is_named(run):
    out, _ = run
    assert {r["slice"] for r in rows(out) if r["verdict"]} == {"all"}
    schema = pq.read_schema(out / "remedies" / "summary.parquet")
    assert any("nothing is said: site=rare" in n for n in provenance(schema.metadata).notes)
