"""What is told of all subsets of modalities: brute force on small sets, models of known kinds."""

import os
from itertools import combinations

import numpy as np
import pytest

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.names import subset

SIDES = ("a", "b", "c")
CLASSES = ("no", "yes")
WIDE = os.environ | {"COLUMNS": "200"}
MODEL = """
import numpy as np
class Mean:
    modalities, classes, accepts_missing = ("a", "b", "c"), ("no", "yes"), True
    def scores(self, batch, present):
        total = np.zeros(len(present["a"]))
        for m in self.modalities:
            total += np.where(present[m], np.asarray(batch[m], np.float64).sum(1), 0.0)
        p = 1 / (1 + np.exp(-total - 0.01))
        return np.stack([1 - p, p], 1).astype(np.float32)
def factory():
    return Mean()
"""


class Sum:
    """Answers by the sum of what is present of some modalities."""

    modalities, classes, accepts_missing = SIDES, CLASSES, True

    def __init__(self, uses):
        self.uses = uses

    def scores(self, batch, present):
        total = np.zeros(len(present["a"]))
        for m in self.uses:
            total += np.where(present[m], np.asarray(batch[m], np.float64).sum(1), 0.0)
        p = 1 / (1 + np.exp(-total - 0.01))
        return np.stack([1 - p, p], 1).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("subsets")
    rng = np.random.default_rng(0)
    n = 240
    labels = rng.integers(0, 2, n)
    columns = {
        m: [x.tolist() for x in (2 * labels - 1)[:, None] * s + rng.normal(0, 1, (n, 2))]
        for m, s in zip(SIDES, (1.0, 0.7, 0.4), strict=True)
    }
    columns["c"] = [None if i % 5 == 0 else x for i, x in enumerate(columns["c"])]
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": [CLASSES[k] for k in labels],
        "half": ["even" if i % 2 == 0 else "odd" for i in range(n)],
        **columns,
    }
    target, source = vector_files.CLASS_OF_LABEL, 'slices = ["half"]'
    vector_files.write(folder, table, *SIDES, source=source, target=target)
    return folder


def sweep(folder, uses=SIDES, **kwargs):
    options = {"corruptions": (), "missing": True, "replicates": 20, "quiet": True}
    return mm.robustness(folder / "dataset.toml", Sum(uses), **options | kwargs)


def rows(run, slice="all"):
    table = run["robustness/summary"].arrow().to_pylist()
    return {(r["condition"], r["metric"]): r for r in table if r["slice"] == slice}


@pytest.mark.parametrize("slice", ["all", "half=odd"])
def test_every_number_is_that_of_all_subsets_counted_one_by_one(folder, slice):
    run = sweep(folder)
    found, samples = rows(run, slice), run["robustness/samples"].to_pandas()
    if slice != "all":
        samples = samples[samples["slice:half"] == "odd"]
    right = samples.pivot_table(index="id", columns="condition", values="correct", aggfunc="first")
    answer = samples.pivot_table(
        index="id", columns="condition", values="prediction", aggfunc="first"
    )
    means = []
    for count in (1, 2):
        names = [subset(s) for s in combinations(SIDES, 3 - count)]
        some = [subset(s) for k in range(1, count + 1) for s in combinations(SIDES, 3 - k)]
        key = f"absent:up_to_{count}"
        same = (answer[some].to_numpy() == answer[["clean"]].to_numpy()).all(1).mean()
        both = right[["clean", *some]].all(axis=1).mean()
        assert found[key, "certified_same"]["estimate"]["value"] == pytest.approx(same)
        assert found[key, "certified_right"]["estimate"]["value"] == pytest.approx(both)
        shares = right[names].astype(float).mean()
        worst = found[f"absent:{count}", "accuracy_worst_subset"]
        assert worst["estimate"]["value"] == pytest.approx(shares.min())
        assert subset(worst["present"].split(",")) == shares.idxmin()
        assert set(worst["modality"].split(",")) | set(worst["present"].split(",")) == set(SIDES)
        mean = found[f"absent:{count}", "accuracy_mean_subset"]["estimate"]["value"]
        assert mean == pytest.approx(shares.mean())
        equity = found[f"absent:{count}", "accuracy_equity"]["estimate"]["value"]
        assert equity == pytest.approx(shares.min() / shares.max())
        means.append(shares.mean())
    area = found["missing/subset", "accuracy_subset_area"]["estimate"]
    assert area["value"] == pytest.approx(np.mean(means))
    assert area["low"] < area["value"] < area["high"]


def test_a_model_that_ignores_all_modalities_but_one_is_the_same_without_the_others(folder):
    found = rows(sweep(folder, uses=()))
    for count in (1, 2):
        assert found[f"absent:up_to_{count}", "certified_same"]["estimate"]["value"] == 1.0
        assert found[f"absent:{count}", "accuracy_equity"]["estimate"]["high"] == 1.0
    clean = found["clean", "accuracy"]["estimate"]
    assert found["absent:up_to_2", "certified_right"]["estimate"] == pytest.approx(clean)
    one = rows(sweep(folder, uses=("a",)))
    without = one["absent:1", "accuracy_worst_subset"]
    assert without["modality"] == "a"


def test_each_policy_has_its_own_numbers_and_workers_change_none(folder):
    run = sweep(folder, absent=("model", "zeros"))
    found = rows(run)
    for policy in ("model", "zeros"):
        assert ("absent:up_to_1 (" + policy + ")", "certified_right") in found
    assert ("absent:up_to_1", "certified_right") not in found
    again = sweep(folder, absent=("model", "zeros"), workers=2)
    assert run["robustness/summary"].arrow().equals(again["robustness/summary"].arrow())


def test_two_modalities_have_one_number_of_absent_ones(tmp_path):
    rng = np.random.default_rng(0)
    table = {
        "id": [str(i) for i in range(40)],
        "label": [CLASSES[i % 2] for i in range(40)],
        "a": rng.normal(0, 1, (40, 2)).tolist(),
        "b": rng.normal(0, 1, (40, 2)).tolist(),
    }
    vector_files.write(tmp_path, table, "a", "b", target=vector_files.CLASS_OF_LABEL)

    class Two(Sum):
        modalities = ("a", "b")

    run = mm.robustness(
        tmp_path / "dataset.toml", Two(("a", "b")), corruptions=(), missing=True, replicates=20,
        quiet=True,
    )  # fmt: skip
    conditions = {c for c, _ in rows(run)}
    assert {"absent:1", "absent:up_to_1"} <= conditions
    assert not conditions & {"absent:2", "absent:up_to_2"}


GATE = """
[[check]]
id = "certified"
metric = "robustness.certified_right{condition=absent:up_to_1}"
min = 0.1
[[check]]
id = "worst"
metric = "robustness.accuracy_worst_subset{condition=absent:*}"
min = 0.99
"""


def test_the_command_says_gates_and_shows_what_holds_under_every_subset(folder, tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "gate.toml").write_text(GATE)
    words = ["--model", f"python:{tmp_path / 'model.py'}:factory", "--out", "run", "--missing"]
    done = mmaudit(
        "robustness", folder / "dataset.toml", *words, "--corruptions", "vector/gaussian_noise",
        "--severities", "1", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Whichever one modality is absent, " in done.stderr + done.stdout
    judged = mmaudit("gate", "run", "--config", "gate.toml", cwd=tmp_path)
    assert judged.returncode == 1, judged.stderr
    assert "certified" not in judged.stdout.partition("failed")[2].partition("worst:")[0]
    shown = mmaudit("report", "run", "--form", "terminal", cwd=tmp_path, env=WIDE)
    assert "by how many modalities are absent" in shown.stdout
    page = mmaudit("report", "run", "-o", "report.html", cwd=tmp_path)
    assert page.returncode == 0, page.stderr
    text = (tmp_path / "report.html").read_text()
    assert text.count(">worst</text>") == 2
    assert "always right" in text


def test_policies_are_compared_sample_by_sample_under_every_subset(folder, tmp_path):
    """`zeros` and `model` are one thing to this model; `mean` is another to its answers."""
    run = sweep(folder, absent=("model", "zeros", "mean"), out=tmp_path / "run")
    found, samples = rows(run), run["robustness/samples"].to_pandas()
    right = samples.pivot_table(index="id", columns="condition", values="correct", aggfunc="first")
    duels = run["robustness/policies"].to_pandas()
    assert len(duels) == 3 * 7
    for one in duels.to_dict("records"):
        name = subset(filter(None, one["present"].split(",")))
        pair = [right[f"{name} ({p})"].astype(float) for p in (one["policy"], one["over"])]
        assert one["value"] == pytest.approx((pair[0] - pair[1]).mean())
        row = found[f"{name} ({one['policy']} over {one['over']})", "accuracy_gain"]
        assert row["estimate"]["value"] == one["value"]
        assert one["low"] <= one["value"] <= one["high"]
    same = duels[(duels.policy == "model") & (duels.over == "zeros")]
    assert (same.value == 0).all()
    assert (same.better == "").all()
    shown = mmaudit("report", "run", "--form", "terminal", cwd=tmp_path, env=WIDE)
    assert "no shown difference" in shown.stdout
    assert "absence polic" in shown.stdout
