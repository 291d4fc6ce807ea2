"""Imputers as absence policies: what a model loses, what they are fitted on, and never are."""

import pickle

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import gaussian_pairs
import vector_files
from command import mmaudit
from loading import access, load
from mmaudit.errors import InputError, UsageError
from mmaudit.imputers.base import Incomplete
from mmaudit.inference.absence import parse
from mmaudit.inference.donors import Donors
from mmaudit.inference.imputation.imputed import imputer
from mmaudit.inference.imputation.training import folds_for, training_samples
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.models import make_models
from mmaudit.inference.runs_of_donors import words_of
from mmaudit.samples import dataset as data

POLICIES = ("ridge", "knn:5", "conditional:8")
SPLIT = 'split = "split"'
WEIGHTS = {m: np.linspace(1, -1, d)[:, None] for m, d in gaussian_pairs.WIDTHS.items()}


class Logistic:
    """Two classes by a sum over all numbers; it cannot do without any."""

    modalities = ("a", "b", "c")
    classes = ("no", "yes")

    def scores(self, batch, present):
        assert all(there.all() for there in present.values())
        z = sum(np.asarray(batch[m], np.float64) @ WEIGHTS[m] for m in self.modalities)
        p = 1 / (1 + np.exp(-z))
        return np.hstack([1 - p, p]).astype(np.float32)


def table(n=400, seed=5, *, split=True, **columns):
    values = gaussian_pairs.drawn(n, seed)
    z = sum(values[m] @ WEIGHTS[m] for m in values)[:, 0]
    said = {
        "id": [f"s{i}" for i in range(n)],
        "label": np.where(z > 0, "yes", "no").tolist(),
        **{m: list(x) for m, x in values.items()},
        **({"split": ["test" if i % 4 == 0 else "train" for i in range(n)]} if split else {}),
    }
    return pa.table(said | columns)


def opened(folder, rows, source=SPLIT):
    target = vector_files.CLASS_OF_LABEL
    path = vector_files.write(folder, rows, *"abc", source=source, target=target)
    return data.open(path)


def models(whole, policies=POLICIES, split="test", memory=None):
    audited = whole.select(split=split) if split else whole
    inputs = Inputs(dataset=audited, whole=whole, access=access())
    return make_models(inputs, load(Logistic()), policies, 0, memory=memory)


def answers(ready, policy, batch, absent, ids):
    n = len(ids)
    present = {m: np.full(n, m not in absent) for m in "abc"}
    (model,) = ready.under[policy]
    return model.several(batch, [present], words_of(0, ids))[0]


def batch_of(rows, at):
    return {m: np.stack(rows[m].take(pa.array(at)).to_numpy()) for m in "abc"}


def test_what_is_filled_in_perfectly_costs_nothing(tmp_path):
    """Where b is linear in a and c, ridge puts back what was taken, and no answer changes."""
    rows = table()
    a, c = (np.stack(rows[m].to_numpy()) for m in "ac")
    exact = a @ gaussian_pairs.OF_A + c @ gaussian_pairs.OF_C
    rows = rows.set_column(rows.column_names.index("b"), "b", pa.array(list(exact.astype("f4"))))
    ready, at = models(opened(tmp_path, rows), ("ridge",)), np.arange(0, 400, 4)
    batch, ids = batch_of(rows, at), [f"s{i}" for i in at]
    clean = Logistic().scores(batch, {m: np.ones(100, bool) for m in "abc"})
    filled = answers(ready, "ridge", batch, "b", ids)
    assert (filled.argmax(1) == clean.argmax(1)).all()
    np.testing.assert_allclose(filled, clean, atol=1e-4)


def test_neither_labels_nor_audited_samples_change_what_is_filled_in(tmp_path):
    rows, at = table(), np.arange(0, 400, 4)
    batch, ids = batch_of(rows, at), [f"s{i}" for i in at]
    test = np.array(rows["split"].to_pylist()) == "test"
    poisoned = {
        m: pa.array(
            [v * 0 + 1e6 if t else v for v, t in zip(rows[m].to_numpy(), test, strict=True)]
        )
        for m in "abc"
    }
    flipped = pa.array(["no" if v == "yes" else "yes" for v in rows["label"].to_pylist()])
    other = rows
    for name, column in {**poisoned, "label": flipped}.items():
        other = other.set_column(other.column_names.index(name), name, column)
    one = models(opened(tmp_path / "one", rows))
    two = models(opened(tmp_path / "two", other))
    for policy in POLICIES:
        for absent in ("b", "ac", "abc"):
            pair = [answers(ready, policy, batch, absent, ids) for ready in (one, two)]
            np.testing.assert_array_equal(*pair)


@pytest.mark.parametrize("grouped", [False, True])
def test_a_sample_that_is_audited_is_filled_by_others(tmp_path, grouped):
    """Without a training split the nearest sample is the sample itself, or its twin."""
    rows = table(200, split=False)
    if grouped:
        twins = rows.set_column(0, "id", pa.array([f"t{i}" for i in range(200)]))
        rows = pa.concat_tables([rows, twins])
        rows = rows.append_column("group", pa.array([f"g{i % 200}" for i in range(400)]))
    whole = opened(tmp_path, rows, 'group = "group"' if grouped else "")
    ready = models(whole, ("conditional:1",), split=None)
    assert "the dataset, which has no training split" in ready.notes[0]
    assert "each is filled by a fit on the other 4 of 5 folds" in ready.notes[0]
    (model,) = ready.under["conditional:1"]
    units = [f"g{i}" for i in range(200)] if grouped else [f"s{i}" for i in range(200)]
    batch = batch_of(rows, np.arange(200))
    present = {m: np.full(200, m != "b") for m in "abc"}
    filled = model.filled(Incomplete(batch, present, words_of(0, units)))["b"](0)
    assert not (filled == batch["b"]).all(axis=1).any()


def test_samples_of_another_split_need_no_folds(tmp_path):
    whole = opened(tmp_path, table())
    donors = Donors(whole, ("a", "b", "c"), 0)
    assert folds_for(donors, whole.select(split="test")) == 1
    assert folds_for(donors, whole.select(split="train")) == 5
    assert folds_for(donors, None) == 5
    (note,) = models(whole).notes
    assert note == (
        "imputers are fitted on 300 of the 300 samples of the split train, the first by random "
        "numbers of their ids"
    )


def test_which_samples_they_are_fitted_on_hangs_on_ids_alone(tmp_path):
    rows = table()
    backwards = rows.take(list(range(rows.num_rows))[::-1])
    first, second = (
        training_samples(
            Donors(opened(tmp_path / name, some), ("a", "b", "c"), 0),
            dict.fromkeys("abc", "vector"),
            0,
            1,
        )
        for name, some in (("one", rows), ("two", backwards))
    )
    for m in "abc":
        np.testing.assert_array_equal(first.training.values[m], second.training.values[m])
    np.testing.assert_array_equal(first.words, second.words)


def test_training_samples_that_cannot_be_decoded_are_counted(tmp_path):
    rows = table()
    broken = [v if i != 1 else np.full(5, np.inf, "f4") for i, v in enumerate(rows["a"].to_numpy())]
    rows = rows.set_column(rows.column_names.index("a"), "a", pa.array(broken))
    (note,) = models(opened(tmp_path, rows), ("ridge",)).notes
    assert "299 of the 300 samples" in note
    assert "1 of which cannot be decoded" in note


def test_no_more_training_samples_are_held_than_are_enough(tmp_path):
    (note,) = models(opened(tmp_path, table(3000)), ("knn:5",)).notes
    assert "fitted on 2,048 of the 2,250 samples" in note


def test_samples_that_take_too_much_of_the_memory_are_refused(tmp_path):
    with pytest.raises(InputError, match="that imputers are fitted on take"):
        models(opened(tmp_path, table()), ("ridge",), memory=20_000)


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [("knn", "knn:5"), ("knn:0", "knn:5"), ("ridge:3", "ridge"), ("conditional:x", "")],
)
def test_a_wrong_number_is_refused(wrong, fix):
    with pytest.raises(UsageError, match="no absence policy") as refusal:
        parse(wrong)
    assert fix in refusal.value.fix


def test_how_many_passes_an_answer_takes():
    assert [parse(p)[1] for p in ("ridge", "knn:5", "conditional:8", "marginal:8")] == [0, 0, 8, 8]
    assert imputer("marginal:8") is None


MODEL = """
import numpy as np

class Sum:
    modalities, classes = ("a", "b", "c"), ("no", "yes")

    def scores(self, batch, present):
        z = sum(np.asarray(batch[m])[:, 0] for m in self.modalities)
        p = 1 / (1 + np.exp(-z))
        return np.stack([1 - p, p], 1).astype(np.float32)

model = Sum
"""


def test_another_process_fills_in_the_same(tmp_path):
    (tmp_path / "m.py").write_text(MODEL)
    rows = table(200, split=False)
    whole = opened(tmp_path, rows, "")
    loaded = load(f"python:{tmp_path / 'm.py'}:model")
    inputs = Inputs(dataset=whole, whole=whole, access=access())
    here = make_models(inputs, loaded, POLICIES, 0)
    there = pickle.loads(pickle.dumps(here))
    batch, ids = batch_of(rows, np.arange(200)), rows["id"].to_pylist()
    for policy in POLICIES:
        pair = [answers(ready, policy, batch, "b", ids) for ready in (here, there)]
        np.testing.assert_array_equal(*pair)


@pytest.mark.parametrize("audit", ["robustness", "contributions"])
def test_the_command_asks_under_each_imputer(tmp_path, audit):
    gone = [None if i % 9 == 0 else v for i, v in enumerate(table()["c"].to_numpy())]
    rows = table().drop_columns("c").append_column("c", pa.array(gone))
    vector_files.write(tmp_path, rows, *"abc", source=SPLIT, target=vector_files.CLASS_OF_LABEL)
    (tmp_path / "m.py").write_text(MODEL)
    options = [word for policy in POLICIES for word in ("--absent", policy)]
    if audit == "robustness":
        options += ["--missing", "--corruptions", "vector/gaussian_noise", "--severities", "3"]
        options += ["--replicates", "50"]
    done = mmaudit(
        *(audit, "dataset.toml", "--model", "python:m.py:model", "--out", "run", "--split", "test"),
        *options,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "imputers are fitted on 300 of the 300 samples" in done.stderr
    summary = parquet.read_table(tmp_path / "run" / audit / "summary.parquet")
    column = "condition" if audit == "robustness" else "absent"
    said = set(summary[column].to_pylist())
    assert all(any(policy in one for one in said) for policy in POLICIES)
    if audit == "robustness":
        rows = [r for r in summary.to_pylist() if r["metric"] == "reconstruction_r2"]
        judged = parquet.read_table(tmp_path / "run" / audit / "imputation.parquet").to_pylist()
        assert len(rows) == len(judged) == len(POLICIES) * (3 * 1 + 3 * 2)
        assert {(r["condition"], r["modality"]) for r in rows} == {
            (r["condition"], r["modality"]) for r in judged
        }
