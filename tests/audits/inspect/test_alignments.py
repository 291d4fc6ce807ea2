"""Modalities that speak of the same thing are seen to, and those that do not are named."""

from types import SimpleNamespace

import numpy as np
import pytest

import mmaudit as mm
import vector_files
from mmaudit.audits.inspect.comparisons import alignments
from mmaudit.audits.inspect.learning.features import ValueFeatures

N = 200


def inspected(folder, second, **columns):
    folder.mkdir()
    rng = np.random.default_rng(0)
    common = rng.normal(size=(N, 3))
    rows = {
        "id": [f"r{i}" for i in range(N)],
        "left": np.concatenate([common, rng.normal(size=(N, 2))], axis=1).tolist(),
        "right": (common if second is None else second).tolist(),
        **columns,
    }
    source = 'group = "site"' if "site" in columns else ""
    path = vector_files.write(folder, rows, "left", "right", source=source)
    return mm.inspect(path, out=folder / "run", quiet=True)


def values(run, modality):
    rows = run["inspect/summary"].arrow().to_pylist()
    return {r["metric"]: r["estimate"] for r in rows if r["modality"] == modality}


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    return inspected(tmp_path_factory.mktemp("pairs") / "together", None)


def test_what_is_shared_is_seen(together):
    both = values(together, "left,right")
    assert both["cka_p_value"]["value"] < 0.01
    assert both["cca_held_out"]["value"] > 0.9
    assert values(together, "right")["recovered"]["value"] > 0.8
    assert 0.4 < values(together, "left")["recovered"]["value"] < 0.7  # of 5 columns 3
    assert 4 < values(together, "left")["effective_rank"]["value"] <= 5
    (row,) = together["inspect/alignment"].arrow().to_pylist()
    assert [row["cca_1"] > 0.9, row["cca_3"] > 0.8, row["cca_4"]] == [True, True, None]


def test_strangers_are_named(tmp_path):
    run = inspected(tmp_path / "strangers", np.random.default_rng(9).normal(size=(N, 3)))
    assert values(run, "left,right")["cka_p_value"]["value"] > 0.05
    assert "left and right show no sign of going together" in mm.report(run).read_text()


def test_of_many_modalities_none_that_is_shared_is_named():
    """Of 15 pairs 200 re-pairings leave no corrected p-value below .05."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=(100, 3))
    names = tuple("abcdef")
    rows = {m: common + 0.1 * rng.normal(size=(100, 3)) for m in names}
    contents = SimpleNamespace(
        dataset=SimpleNamespace(modalities=names),
        ids=[str(i) for i in range(100)],
        groups=None,
        seed=0,
    )
    there = np.ones(100, np.bool_)
    read = SimpleNamespace(of=lambda m, at: ValueFeatures(rows[m][at], there))
    some = alignments.alignments(contents, read)
    assert max(some.corrected.values()) < 0.05
    assert [*alignments.notes(some, "plain features")] == []


def test_one_sample_of_each_group_counts(tmp_path):
    site = [f"s{i // 2}" for i in range(N)]
    run = inspected(tmp_path / "grouped", None, site=site)
    assert values(run, "left,right")["cka"]["n"] == N // 2


def test_a_page_shows_pairs(together):
    page = mm.report(together).read_text()
    assert "How modalities hang together" in page
    assert "What the others tell of each modality" in page
    assert "no more than shuffled" not in page


def test_a_modality_that_no_sample_has_stands_alone(tmp_path):
    run = inspected(tmp_path / "absent", np.array([None] * N))
    assert values(run, "right")["present_rate"]["value"] == 0
    assert values(run, "left,right") == {}
