"""Earlier states of a model: who takes over in training, against ratios known in closed form."""

import json

import numpy as np
import pytest

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.audits.contributions.training.checkpoints import specs
from mmaudit.errors import InputError, UsageError
from mmaudit.runs.config import read
from mmaudit.tables.provenance import provenance

MODEL = """
import numpy as np


class State:
    modalities, classes, output, accepts_missing = ("a", "b"), ("no", "yes"), "probabilities", True

    def __init__(self, weights):
        self.weights = weights

    def scores(self, batch, present):
        votes = [w * np.asarray(batch[m])[:, 0] * present[m] for m, w in self.weights.items()]
        p = 1 / (1 + np.exp(-sum(votes)))
        return np.stack([1 - p, p], axis=1).astype(np.float32)


def state(a, b):
    return State({"a": float(a), "b": float(b)})


def other():
    made = state(1, 1)
    made.classes = ("up", "down")
    return made
"""


def dataset(folder, n=200, noise=0.0):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    sign = 2.0 * labels - 1
    rows = {
        "id": [f"s{i}" for i in range(n)],
        "a": [[v] for v in sign + noise * rng.normal(size=n)],
        "b": [[v] for v in sign + noise * rng.normal(size=n)],
        "label": np.array(["no", "yes"])[labels],
        "camera": np.array(["left", "right"])[rng.integers(0, 2, n)],
    }
    (folder / "model.py").write_text(MODEL)
    entries = {"source": 'slices = ["camera"]', "target": vector_files.CLASS_OF_LABEL}
    return vector_files.write(folder, rows, "a", "b", **entries)


def state(folder, a, b):
    return f"python:{folder / 'model.py'}:state,a={a},b={b}"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def told(run, metric, modality="a", part="all"):
    table = run["contributions/checkpoints"].to_pandas()
    rows = table[(table.metric == metric) & (table.modality == modality) & (table.slice == part)]
    return rows.sort_values("checkpoint")


def notes(run):
    return provenance(run["contributions/summary"].arrow().schema.metadata).notes


def test_the_trajectory_of_a_modality_that_takes_over(tmp_path):
    """Every value is ±1, so alone a knows sigmoid(a) of the truth and b sigmoid(b): exactly."""
    where = dataset(tmp_path)
    path = [(0.1, 0.1), (1.0, 0.2), (3.0, 0.1), (5.0, -0.5)]
    run = mm.contributions(
        where, state(tmp_path, *path[-1]), quiet=True, replicates=50,
        checkpoint=[state(tmp_path, *at) for at in path[:-1]],
    )  # fmt: skip
    expected = [sigmoid(a) / sigmoid(b) for a, b in path]
    for part in ("all", "camera=left", "class=yes"):
        ratio = told(run, "discrepancy_ratio", part=part)
        assert ratio.checkpoint.tolist() == [1, 2, 3, 4]
        assert ratio["estimate.value"].to_numpy() == pytest.approx(expected, rel=1e-6)
    other = told(run, "discrepancy_ratio", "b")["estimate.value"].to_numpy()
    assert other == pytest.approx(1 / np.array(expected), rel=1e-6)
    assert told(run, "p_true_alone")["estimate.value"].to_numpy() == pytest.approx(
        [sigmoid(a) for a, _ in path], rel=1e-6
    )
    assert told(run, "accuracy_alone", "b")["estimate.value"].tolist() == [1, 1, 1, 0]
    assert told(run, "accuracy", "")["estimate.value"].tolist() == [1, 1, 1, 1]
    assert told(run, "accuracy", "").model.iloc[0].endswith("a=0.1,b=0.1")
    assert notes(run)[0].startswith(
        "In training a takes over: over 4 checkpoints the discrepancy ratio of a goes from 1.000"
    )


def test_the_last_state_is_the_model_itself(tmp_path):
    where = dataset(tmp_path, noise=1.0)
    run = mm.contributions(
        where, state(tmp_path, 2, 1), quiet=True, replicates=50,
        checkpoint=[state(tmp_path, 2, 1)],
    )  # fmt: skip
    ratio = told(run, "discrepancy_ratio")
    assert ratio["estimate.value"].iloc[0] == pytest.approx(ratio["estimate.value"].iloc[1])
    table = run["contributions/summary"].to_pandas()
    own = table[(table.metric == "discrepancy_ratio") & (table.modality == "a")]
    own = own[own.slice == "all"].iloc[0]
    for end in ("value", "low", "high"):
        assert ratio[f"estimate.{end}"].iloc[1] == pytest.approx(own[f"estimate.{end}"])
    assert "no modality is shown to take over" in notes(run)[0]


def test_a_lead_that_comes_and_goes_is_told(tmp_path):
    where = dataset(tmp_path)
    run = mm.contributions(
        where, state(tmp_path, 1, 1), quiet=True, replicates=50,
        checkpoint=[state(tmp_path, *at) for at in ((0, 0), (0, 4), (1, 2))],
    )  # fmt: skip
    assert notes(run)[0].endswith(
        "The balance was furthest off at checkpoint 2: b 1.964 [1.893, 2.001]."
    )


def test_catching_up_is_not_taking_over(tmp_path):
    where = dataset(tmp_path, noise=1.0)
    run = mm.contributions(
        where, state(tmp_path, 3, 1), quiet=True, replicates=50,
        checkpoint=[state(tmp_path, 3, 0)],
    )  # fmt: skip
    assert notes(run)[0].startswith("In training b catches up")


def test_states_that_are_not_of_this_model_are_refused(tmp_path):
    where = dataset(tmp_path)
    strange = f"python:{tmp_path / 'model.py'}:other"
    with pytest.raises(InputError, match="its classes are"):
        mm.contributions(where, state(tmp_path, 1, 1), quiet=True, checkpoint=[strange])
    where.write_text(where.read_text().partition("[target]")[0])
    with pytest.raises(UsageError, match="probability of the true class"):
        mm.contributions(
            where, state(tmp_path, 1, 1), quiet=True, checkpoint=[state(tmp_path, 1, 1)]
        )


def test_options_stay_with_their_state_where_a_flag_is_cut_at_commas():
    assert specs(["python:m.py:f", "a=1", "b=2", "onnx:x.onnx"]) == (
        "python:m.py:f,a=1,b=2",
        "onnx:x.onnx",
    )
    assert specs(["sklearn:a.skops,classes=x"]) == ("sklearn:a.skops,classes=x",)


def test_the_command_and_what_it_says(tmp_path):
    where = dataset(tmp_path, 60)
    done = mmaudit(
        *("contributions", where, "--out", tmp_path / "run", "--model", state(tmp_path, 4, 0)),
        *("--checkpoint", state(tmp_path, 0, 0), "--checkpoint", state(tmp_path, 2, 0)),
    )
    assert done.returncode == 0, done.stderr
    assert "2 checkpoints, each modality alone: 6 more passes a sample" in done.stderr
    assert "In training a takes over: over 3 checkpoints" in done.stdout
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["audits"]["contributions"]["samples"] == 60


def test_a_config_finds_states_beside_itself(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "early.onnx").write_text("")
    states = ["python:model.py:state,a=1,b=2", "onnx:early.onnx,device=cpu", "onnx:/far/away.onnx"]
    (tmp_path / "audit.toml").write_text(
        f'schema = 1\ndataset = "d.toml"\n[contributions]\ncheckpoint = {json.dumps(states)}\n'
    )
    found = read(tmp_path / "audit.toml").audits["contributions"].checkpoint
    assert found == (
        f"python:{tmp_path / 'model.py'}:state,a=1,b=2",
        f"onnx:{tmp_path / 'early.onnx'},device=cpu",
        "onnx:/far/away.onnx",
    )
