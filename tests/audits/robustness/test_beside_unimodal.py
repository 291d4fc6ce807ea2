"""What is left of a model beside models of one modality: planted losses are named, others not."""

import os

import numpy as np
import pyarrow as pa
import pytest

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.audits.robustness.numbers import unimodal
from mmaudit.errors import UsageError
from mmaudit.inference.unimodal import probes, references
from mmaudit.tables.provenance import provenance

CLASSES = ("no", "yes")
NONE_SHOWN = "No subset of modalities ("
MODELS = """
import numpy as np


class Sums:
    classes, accepts_missing = ("no", "yes"), True

    def __init__(self, *names, needs=""):
        self.modalities, self.needs = names, needs

    def scores(self, batch, present):
        votes = sum(np.asarray(batch[m]).sum(axis=1) * present[m] for m in self.modalities)
        if self.needs:
            votes = np.where(present[self.needs], votes, 1.0)
        p = 1 / (1 + np.exp(-votes))
        return np.stack([1 - p, p], axis=1).astype(np.float32)


def both():
    return Sums("a", "b")


def broken():
    return Sums("a", "b", needs="a")


def b():
    return Sums("b")
"""
space: dict = {}
exec(MODELS, space)


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    return written(tmp_path_factory.mktemp("unimodal"), split="train")


def written(folder, split, n=240):
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 2 * n)
    a, b = (0.7 * (2 * labels - 1)[:, None] + rng.normal(size=(2 * n, 3)) for _ in "ab")
    names = np.array([split, "test"])[np.arange(2 * n) % 2]
    rows = {"id": [f"s{i}" for i in range(2 * n)], "split": names, "a": list(a), "b": list(b)}
    rows["b"] = [None if i % 7 == 0 else x for i, x in enumerate(rows["b"])]
    rows["label"] = np.array(CLASSES)[labels]
    (folder / "models.py").write_text(MODELS)
    entries = {"source": 'split = "split"', "target": vector_files.CLASS_OF_LABEL}
    return vector_files.write(folder, rows, "a", "b", **entries)


def sweep(where, name="both", **options):
    asked = {"corruptions": (), "missing": True, "replicates": 20, "quiet": True} | options
    return mm.robustness(where, space[name](), **asked)


def notes(run):
    return "\n".join(provenance(run["robustness/summary"].arrow().schema.metadata).notes)


def test_a_model_that_breaks_without_a_is_named_and_a_whole_one_is_not(where):
    run = sweep(where, "broken")
    said = notes(run)
    assert "Without a the model is worse than a probe of b alone (fitted to 240 rows" in said
    assert "Without b" not in said
    table = run["robustness/unimodal"].to_pandas().set_index("present")
    assert table.worse.to_dict() == {"a": False, "b": True}
    assert table.high["b"] < 0
    whole = sweep(where)
    assert f"{NONE_SHOWN}2 compared) is shown" in notes(whole)
    assert not whole["robustness/unimodal"].to_pandas().worse.any()


def test_the_gain_is_that_of_the_answers_counted_one_by_one(where):
    run = sweep(where, "broken", absent=("model", "zeros"))
    table = run["robustness/unimodal"].to_pandas()
    samples = run["robustness/samples"].to_pandas()
    right = samples.groupby("condition")["correct"].mean()
    rows = {r["condition"]: r["estimate"] for r in run["robustness/summary"].arrow().to_pylist()
            if r["metric"] == "accuracy_gain_over_unimodal"}  # fmt: skip
    assert len(table) == len(rows) == 4
    for one in table.to_dict("records"):
        name = f"present:{one['present']} ({one['policy']})"
        assert one["accuracy"] == pytest.approx(right[name])
        assert one["value"] == pytest.approx(one["accuracy"] - one["accuracy_reference"])
        assert rows[name]["value"] == one["value"]
        assert one["low"] <= one["value"] <= one["high"]
    assert "(absent values: zeros)" in notes(run)


def test_workers_change_nothing_and_none_asks_nothing(where):
    run, again = sweep(where), sweep(where, workers=2)
    for name in ("robustness/summary", "robustness/unimodal"):
        assert run[name].arrow().equals(again[name].arrow())
    without = sweep(where, unimodal=("none",))
    assert "unimodal" not in notes(without)
    metrics = set(without["robustness/summary"].to_pandas().metric)
    assert "accuracy_gain_over_unimodal" not in metrics


def test_without_training_rows_probes_are_of_the_other_half(tmp_path):
    said = notes(sweep(written(tmp_path, split="test"), "broken"))
    assert "a probe of b alone (fitted to the other half of these 480)" in said


def test_numbers_and_own_patterns_say_what_is_left_out(tmp_path, where):
    said = notes(sweep(where, patterns="own"))
    assert "Nothing is told of all subsets with 1 absent: 1 of 2 were asked of all samples." in said
    rng = np.random.default_rng(0)
    table = {"id": [str(i) for i in range(30)], "y": rng.normal(size=30)}
    table |= {m: rng.normal(size=(30, 2)).tolist() for m in "ab"}
    target = '[target]\ncolumn = "y"\nkind = "number"\n'

    class Total:
        modalities, classes, output, accepts_missing = ("a", "b"), None, "values", True

        def scores(self, batch, present):
            return sum(np.asarray(batch[m]).sum(1) * present[m] for m in "ab").astype(np.float32)

    run = mm.robustness(
        vector_files.write(tmp_path, table, "a", "b", target=target), Total(), corruptions=(),
        missing=True, replicates=20, quiet=True,
    )  # fmt: skip
    assert "No subset of modalities is compared with models of one modality" in notes(run)


def test_where_an_early_decision_left_samples_out_nothing_is_compared():
    ids = [pa.table({"id": ["s0", "s1"], "correct": [True, False]})]
    at = probes.ProbeRows(["s2", "s0"], np.zeros(2, np.int64), None, {}, {}, {})
    these = references.Compared(at, None, ())
    assert not [*unimodal._remainders((), these, None, None, lambda *_: iter(ids))]


def test_models_of_one_modality_need_subsets(where):
    with pytest.raises(UsageError, match="--missing"):
        sweep(where, missing=False, corruptions=("vector/dropout",), unimodal=("b=python:x.py:b",))


GATE = """
[[check]]
id = "worth its modalities"
metric = "robustness.accuracy_gain_over_unimodal{condition=present:*}"
min = -0.05
"""


def test_the_command_compares_with_a_trained_model_gates_and_shows(where, tmp_path):
    models = where.parent / "models.py"
    (tmp_path / "gate.toml").write_text(GATE)
    done = mmaudit(
        "robustness", where, "--model", f"python:{models}:broken", "--out", "run", "--missing",
        "--corruptions", "vector/gaussian_noise", "--severities", "1", "--split", "test",
        "--unimodal", f"b=python:{models}:b", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    cost = "compared with probes of a and models of b alone: 240 samples and 240 of the split train"
    assert cost in said
    assert "on b alone: -" in said.replace("\N{MINUS SIGN}", "-")
    judged = mmaudit("gate", "run", "--config", "gate.toml", cwd=tmp_path)
    assert judged.returncode == 1, judged.stdout + judged.stderr
    wide = os.environ | {"COLUMNS": "240"}
    shown = mmaudit("report", "run", "--form", "terminal", cwd=tmp_path, env=wide)
    assert "best model of one modality" in shown.stdout
    page = mmaudit("report", "run", "-o", "report.html", cwd=tmp_path)
    assert page.returncode == 0, page.stderr
    text = (tmp_path / "report.html").read_text()
    assert "less that of one modality" in text
    assert "Without a the model is worse than" in text
