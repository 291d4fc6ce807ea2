"""Pairs that were swapped across classes are flagged, and of clean ones hardly any."""

import numpy as np
import pytest

import mmaudit as mm
import vector_files

N, SWAPPED = 400, 12  # 3 %


def inspected(folder, swapped, apart=4.0):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, N)
    left, right = (
        rng.normal(0, apart, (4, 5))[labels] + rng.normal(size=(N, 5)) for _ in ("left", "right")
    )
    for i in range(swapped):
        right[i] = right[np.flatnonzero(labels[SWAPPED:] != labels[i])[i] + SWAPPED]
    rows = {
        "id": [f"r{i}" for i in range(N)],
        "label": ["abcd"[k] for k in labels],
        "left": left.tolist(),
        "right": right.tolist(),
    }
    entries = {"target": vector_files.CLASS_OF_LABEL}
    path = vector_files.write(folder, rows, "left", "right", **entries)
    run = mm.inspect(path, out=folder / "run", quiet=True)
    every = run["inspect/issues"].arrow().to_pylist()
    return run, [issue for issue in every if issue["check"] == "disagreement"]


@pytest.fixture(scope="module")
def swapped(tmp_path_factory):
    return inspected(tmp_path_factory.mktemp("swapped"), SWAPPED)


def test_swapped_pairs_are_flagged_and_no_others(swapped):
    """About half of them, for half of the right answers are surer."""
    run, issues = swapped
    wrong = {f"r{i}" for i in range(SWAPPED)}
    assert {issue["id"] for issue in issues} <= wrong
    assert len(issues) >= 2
    assert all(issue["flagged"] and issue["modality"] == "left,right" for issue in issues)
    assert "left looks like" in issues[0]["reason"]
    rates = {
        row["slice"]: row["estimate"]
        for row in run["inspect/summary"].arrow().to_pylist()
        if row["metric"] == "disagreement_rate"
    }
    assert rates.pop("all")["value"] == len(issues) / N
    assert set(rates) == {f"class={c}" for c in "abcd"}
    assert sum(r["n"] for r in rates.values()) == N
    assert sum(r["n"] * r["value"] for r in rates.values()) == pytest.approx(len(issues))
    assert "right like another" in mm.report(run).read_text()


def test_clean_pairs_are_not(tmp_path):
    assert inspected(tmp_path / "clean", 0)[1] == []


def test_where_classes_overlap_nothing_is_flagged(tmp_path):
    _, issues = inspected(tmp_path / "alike", SWAPPED, apart=0.6)
    assert not any(issue["flagged"] for issue in issues)
