"""Classes that overlap by a known share are named, and those that do not are not."""

import numpy as np
import pytest

import mmaudit as mm
import vector_files

N, NOISE = 900, 0.6  # samples; classes a and b lie 1 apart, c far away


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alike")
    rng = np.random.default_rng(0)
    labels = np.arange(N) % 3
    middle = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 9.0]])[labels]
    rows = (middle + rng.normal(0, NOISE, (N, 2))).tolist()
    table = {"id": [f"r{i}" for i in range(N)], "label": ["abc"[k] for k in labels], "left": rows}
    path = vector_files.write(folder, table, "left", target=vector_files.CLASS_OF_LABEL)
    return mm.inspect(path, out=folder / "run", quiet=True)


def test_overlap_is_that_of_the_best_rule(run):
    """By the normal law .202 of a and b lie nearer the other; three standard errors are .04 each."""
    shares = {
        row["slice"]: row["estimate"]
        for row in run["inspect/summary"].arrow().to_pylist()
        if row["metric"] == "overlap_rate"
    }
    assert set(shares) == {"class=a", "class=b", "class=c"}
    assert (shares["class=a"]["value"] + shares["class=b"]["value"]) / 2 == pytest.approx(
        0.202, abs=0.05
    )
    assert shares["class=c"]["value"] == 0.0
    assert shares["class=a"]["low"] < 0.202 < shares["class=a"]["high"] + 0.03


def test_the_pairs_are_named_the_most_frequent_first(run):
    rows = run["inspect/overlap"].arrow().to_pylist()
    assert {(r["class"], r["taken_for"]) for r in rows} == {("a", "b"), ("b", "a")}
    assert rows[0]["samples"] >= rows[1]["samples"]
    assert all(r["low"] <= r["share"] <= r["high"] for r in rows)
