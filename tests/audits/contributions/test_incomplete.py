"""Modalities that some samples lack: numbers are of the samples that they speak of."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files


class Votes:
    """The sum of what each modality says of each class, b louder than a."""

    modalities, classes, output = ("a", "b"), ("no", "yes"), "logits"
    accepts_missing = True

    def scores(self, batch, present):
        a, b = (np.asarray(batch[m]) * present[m][:, None] for m in "ab")
        return (2 * a + 4 * b).astype(np.float32)


class Weighing(Votes):
    """With fusion weights: how long each vector is."""

    def __init__(self, accepts_missing):
        self.accepts_missing = accepts_missing

    def weights(self, batch, present):
        return np.stack([np.abs(np.asarray(batch[m])).sum(axis=1) for m in "ab"], axis=1)


def dataset(folder, *, n, has_b, right_a=0.8, seed=0):
    """Labels, a that tells them as often as said, and b that always does, where it is there."""
    rng = np.random.default_rng(seed)
    labels, one_hot = rng.integers(0, 2, n), np.eye(2)
    told = np.where(rng.random(n) < right_a, labels, 1 - labels)
    rows = {
        "id": [f"s{i}" for i in range(n)],
        "a": list(one_hot[told].tolist()),
        "b": [one_hot[v].tolist() if here else None for v, here in zip(labels, has_b, strict=True)],
        "label": np.array(["no", "yes"])[labels],
    }
    target = vector_files.CLASS_OF_LABEL
    return vector_files.write(folder, rows, "a", "b", target=target), told == labels


def numbers(run):
    listed = run["contributions/summary"].arrow().to_pylist()
    return {
        (r["metric"], r["modality"]): r["estimate"]["value"] for r in listed if r["slice"] == "all"
    }


def test_a_modality_that_few_have_is_compared_on_those_that_have_it(tmp_path):
    """One sample in ten has b; there, and only there, it is asked what b adds to a."""
    n = 1000
    has_b = np.arange(n) % 10 == 0
    file, a_right = dataset(tmp_path, n=n, has_b=has_b)
    run = mm.contributions(
        file, Votes(), quiet=True, replicates=20, value=("correct",), unimodal=("none",)
    )
    told = numbers(run)
    assert a_right[has_b].mean() != a_right.mean()
    assert told["conditional_utilisation", "b|a"] == pytest.approx(1 - a_right[has_b].mean())
    assert told["conditional_utilisation", "a|b"] == 0
    # over all samples a is the best alone: b is always right, and hardly ever there
    (flag,) = [
        f for f in run["contributions/flags"].arrow().to_pylist() if f["flag"] == "not_better"
    ]
    gained = int((has_b & ~a_right).sum())
    assert told["gain_over_best_alone", ""] == pytest.approx(gained / n)
    assert (
        f"the best alone, a, the others absent: {gained} samples gained, 0 lost" in flag["because"]
    )
    assert flag["p_value"] == pytest.approx(0.5 ** (gained - 1))


@pytest.mark.parametrize("gone_from", ["start", "end"])
@pytest.mark.parametrize("accepts", [False, True])
def test_weights_are_of_the_samples_that_the_model_takes(tmp_path, gone_from, accepts):
    """Some samples of one unit lack b; whichever unit it is, the others keep their weights."""
    n = 2200  # two units
    gone = np.arange(n) % 7 == 0
    gone &= np.arange(n) < 100 if gone_from == "start" else np.arange(n) >= n - 100
    file, _ = dataset(tmp_path, n=n, has_b=~gone)
    run = mm.contributions(
        file, Weighing(accepts), quiet=True, replicates=20, absent=("zeros",), value=("p_true",)
    )
    weights = run["contributions/samples"].arrow().sort_by("id")["weight_a"]
    assert weights.null_count == (0 if accepts else gone.sum())
    assert numbers(run)["weight", "a"] == pytest.approx(1)


def test_weights_of_a_batch_in_which_nothing_is_there(tmp_path):
    file, _ = dataset(tmp_path, n=40, has_b=np.arange(40) % 5 > 0)
    run = mm.contributions(file, Weighing(True), quiet=True, replicates=20, batch_size=1)
    weights = run["contributions/samples"].arrow()["weight_b"].to_pylist()
    assert sorted(w is None for w in weights) == [False] * 64 + [True] * 16


def test_one_sample_shows_no_harm(tmp_path):
    file, _ = dataset(tmp_path, n=1, has_b=[True], right_a=0.0)
    run = mm.contributions(file, Votes(), quiet=True, replicates=50)
    assert numbers(run)["phi", "a"] < 0
    raised = [f["flag"] for f in run["contributions/flags"].arrow().to_pylist() if f["raised"]]
    assert "harmful" not in raised


def test_a_guess_without_any_modality_is_no_synergy(tmp_path):
    """Its answer is the first class, and right for half of the samples."""
    file, _ = dataset(tmp_path, n=40, has_b=np.arange(40) % 2 > 0)
    rows = parquet.read_table(tmp_path / "rows.parquet")
    a = [None if i < 20 else v for i, v in enumerate(rows["a"].to_pylist())]
    parquet.write_table(rows.set_column(1, "a", pa.array(a)), tmp_path / "rows.parquet")
    run = mm.contributions(
        file, Votes(), quiet=True, replicates=20, value=("correct",), unimodal=("none",)
    )
    told = run["contributions/samples"].arrow().to_pylist()
    empty = [r for r in told if r["phi_a"] is None and r["phi_b"] is None]
    assert len(empty) == 10
    assert any(r["right"] for r in empty)
    assert all(r["outcome"] is None and not r["synergy"] for r in empty)
    assert all(r["outcome"] for r in told if r not in empty)
    rates = [value for (metric, _), value in numbers(run).items() if metric in RATES]
    assert sum(rates) == pytest.approx(1)
    assert numbers(run)["synergy_rate", ""] == 0


RATES = {f"{name}_rate" for name in ("redundant", "unique", "synergy", "conflict", "wrong")}
