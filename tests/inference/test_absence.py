"""Absence policies against closed forms: for a linear model each has an exact answer."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import vector_files
from command import mmaudit
from loading import load
from mmaudit.errors import UsageError
from mmaudit.inference.absence import asker, background, default_policy, parse, with_absence
from mmaudit.inference.donors import Donors
from mmaudit.manifest.model import Manifest
from mmaudit.samples import dataset as data

RNG = np.random.default_rng(7)
X = {"a": RNG.normal(size=(6, 4)).astype("f4"), "b": RNG.normal(size=(6, 2)).astype("f4")}
DONORS = {"a": RNG.normal(size=(9, 4)).astype("f4"), "b": RNG.normal(size=(9, 2)).astype("f4")}
W = {"a": RNG.normal(size=(4, 1)).astype("f4"), "b": RNG.normal(size=(2, 1)).astype("f4")}
PRESENT = {
    "a": np.array([True, True, False, False, True, False]),
    "b": np.array([True, False, True, False, False, True]),
}


class Linear:
    """A sum over modalities that does not look at the mask."""

    modalities = ("a", "b")
    classes = None

    def __init__(self):
        self.asked = 0

    def scores(self, batch, present):
        assert all(present[m].all() for m in self.modalities)
        self.asked += 1
        return sum(np.asarray(batch[m]) @ W[m] for m in self.modalities).astype(np.float32)


class Staged(Linear):
    def encode(self, modality, values):
        return np.tanh(np.asarray(values) @ W[modality])

    def fuse(self, features, present):
        assert all(present[m].all() for m in self.modalities)
        return np.exp(sum(features[m] for m in self.modalities)).astype(np.float32)

    def scores(self, batch, present):
        return self.fuse({m: self.encode(m, batch[m]) for m in self.modalities}, present)


class Logits:
    modalities = ("a", "b")
    classes = ("no", "yes")
    output = "logits"

    def scores(self, batch, present):
        z = np.concatenate([np.asarray(batch["a"])[:, :1], np.asarray(batch["b"])[:, :1]], axis=1)
        return (3 * z).astype(np.float32)


def expected(filler):
    total = np.zeros((6, 1))
    for m, x in X.items():
        there = PRESENT[m][:, None]
        total += np.where(there, x.astype("f8") @ W[m], filler[m].astype("f8") @ W[m])
    return total


def answer(policy, model=None, donors=DONORS):
    return with_absence(load(model or Linear()), policy, donors).scores(X, PRESENT)


def test_zeros_leave_the_absent_term_out():
    np.testing.assert_allclose(answer("zeros"), expected({m: 0 * X[m][0] for m in X}), atol=1e-6)


def test_mean_is_the_term_of_the_mean_donor():
    means = {m: DONORS[m].mean(0, dtype="f8") for m in X}
    np.testing.assert_allclose(answer("mean"), expected(means), atol=1e-6)


def test_marginal_of_a_linear_model_is_the_mean_of_as_many_donors():
    means = {m: DONORS[m][:4].mean(0, dtype="f8") for m in X}
    np.testing.assert_allclose(answer("marginal:4"), expected(means), atol=1e-6)


def test_marginal_asks_once_a_donor_and_once_for_complete_samples():
    model = Linear()
    answer("marginal:5", model)
    assert model.asked == 6


def test_marginal_keeps_the_modalities_of_a_donor_together():
    class Product(Linear):
        def scores(self, batch, present):
            return (batch["a"][:, 0] * batch["b"][:, 0]).astype(np.float32)

    got = answer("marginal:9", Product())
    row = 3  # nothing is present: the mean of products, not the product of means
    wanted = (DONORS["a"][:, 0] * DONORS["b"][:, 0]).mean()
    assert got[row] == pytest.approx(wanted, abs=1e-6)
    assert abs(wanted - DONORS["a"][:, 0].mean() * DONORS["b"][:, 0].mean()) > 0.01


def test_marginal_of_logits_averages_probabilities():
    model = with_absence(load(Logits()), "marginal:9", DONORS)
    got = model.scores(X, PRESENT)
    row = 2  # a is absent
    z = 3 * np.stack([DONORS["a"][:, 0], np.full(9, X["b"][row, 0])], axis=1).astype("f8")
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    np.testing.assert_allclose(np.exp(got[row]), p.mean(0), atol=1e-6)


@pytest.mark.parametrize("policy", ["zeros", "mean", "blank", "marginal:9"])
def test_two_stages_give_what_one_gives(policy):
    model = with_absence(load(Staged()), policy, DONORS)
    whole = Staged()
    one = with_absence(
        load(
            type("One", (), {"modalities": ("a", "b"), "classes": None, "scores": whole.scores})()
        ),
        policy,
        DONORS,
    )
    features = {m: model.encode(m, X[m]) for m in X}
    np.testing.assert_allclose(model.fuse(features, PRESENT), one.scores(X, PRESENT), atol=1e-6)


MASKS = [
    PRESENT,
    {m: np.zeros(6, bool) for m in X},
    {"a": np.ones(6, bool), "b": np.zeros(6, bool)},
    {m: np.ones(6, bool) for m in X},
    {"a": np.zeros(6, bool), "b": PRESENT["b"]},
]


@pytest.mark.parametrize("policy", ["zeros", "mean", "marginal:5"])
@pytest.mark.parametrize("kind", [Linear, Staged, Logits])
def test_several_masks_at_once_are_each_mask_by_itself(kind, policy):
    model = with_absence(load(kind()), policy, DONORS)
    ask, passes = asker(model)
    given = {m: model.encode(m, X[m]) for m in X} if kind is Staged else X
    told = ask(given, MASKS)
    one = model.fuse if kind is Staged else model.scores
    assert all(np.array_equal(t, one(given, mask)) for t, mask in zip(told, MASKS, strict=True))
    assert passes == (5 if policy == "marginal:5" else 1)


def test_several_masks_of_values_of_different_shapes():
    class Lengths:
        modalities = ("a",)
        classes = None

        def scores(self, batch, present):
            return np.array([v.sum() for v in batch["a"]], np.float32)

    ragged = {"a": [np.ones(k, np.float32) for k in (1, 2, 3)]}
    model = with_absence(load(Lengths()), "marginal:2", {"a": [np.full(4, 2.0), np.full(2, 5.0)]})
    masks = [{"a": np.array(m)} for m in ([False] * 3, [True, False, True], [True] * 3)]
    told = model.several(ragged, masks)
    assert [t.tolist() for t in told] == [[9, 9, 9], [1, 9, 3], [1, 2, 3]]


def test_several_masks_ask_no_more_than_each_by_itself():
    model = Linear()
    with_absence(load(model), "marginal:5", DONORS).several(X, MASKS)
    assert model.asked == 6 + 5 + 5 + 1 + 5


def test_present_values_are_never_replaced_nor_the_input_changed():
    before = {m: v.copy() for m, v in X.items()}
    everything = {m: np.ones(6, bool) for m in X}
    model = with_absence(load(Linear()), "marginal:9", DONORS)
    plain = Linear().scores(X, everything)
    assert np.array_equal(model.scores(X, everything), plain)
    assert np.array_equal(answer("zeros")[0], plain[0])
    assert all(np.array_equal(X[m], before[m]) for m in X)


def test_fillers_of_each_kind():
    class Seen:
        modalities = ("image", "text", "row", "clip")
        classes = None

        def scores(self, batch, present):
            self.batch = batch
            return np.zeros(len(batch["image"]), np.float32)

    images = [np.full((2, 3, 3), 10, np.uint8), np.full((4, 4, 3), 31, np.uint8)]
    rows = np.array([[1.0, "red"], [None, "red"], [4.0, "blue"]], object)
    clips = np.array([[[1.0], [3.0]], [[3.0], [5.0]]], np.float32)
    donors = {"image": images, "text": ["one", "two"], "row": rows, "clip": clips}
    batch = {
        "image": [np.zeros((5, 5, 3), np.uint8)],
        "text": ["said"],
        "row": np.array([[9.0, "green"]], object),
        "clip": np.zeros((1, 2, 1), np.float32),
    }
    gone = {m: np.array([False]) for m in batch}

    def filled(policy, **without):
        seen = Seen()
        seen.modalities = tuple(m for m in Seen.modalities if m not in without)
        with_absence(load(seen), policy, donors).scores(batch, gone)
        return {m: v[0] for m, v in seen.batch.items()}

    zeros, blank = filled("zeros"), filled("blank")
    assert zeros["image"].max() == 0
    assert zeros["image"].shape == (2, 3, 3)
    assert np.unique(blank["image"]).tolist() == [128]
    assert zeros["text"] == blank["text"] == ""
    assert zeros["row"].tolist() == [0.0, None]
    assert blank["row"].tolist() == [None, None]
    mean = filled("mean", text=True)
    assert mean["row"].tolist() == [2.5, "red"]
    assert mean["clip"].ravel().tolist() == [2.0, 4.0]
    assert np.unique(mean["image"]).tolist() == [20]  # 20.5 rounds to even
    assert mean["image"].dtype == np.uint8
    with pytest.raises(UsageError, match="texts have no mean"):
        filled("mean")
    assert filled("marginal:1")["text"] == "one"


def test_a_batch_in_which_nothing_is_present_gets_the_usual_shape():
    shapeless = {"a": np.zeros(2, np.float32), "b": X["b"][:2]}
    gone = {"a": np.array([False, False]), "b": np.array([True, True])}
    for model in (Linear(), Staged()):
        got = with_absence(load(model), "zeros", DONORS).scores(shapeless, gone)
        assert got.shape == (2, 1)
        assert np.isfinite(got).all()


def test_model_passes_the_mask_through_and_is_refused_where_nobody_reads_it():
    class Takes(Linear):
        accepts_missing = True

        def scores(self, batch, present):
            return present["a"].astype(np.float32)

    got = with_absence(load(Takes()), "model", DONORS).scores(X, PRESENT)
    assert np.array_equal(got, PRESENT["a"].astype(np.float32))
    with pytest.raises(UsageError, match="takes a mask") as refused:
        with_absence(load(Linear()), "model", DONORS)
    assert "marginal:64" in refused.value.fix


def vectors(folder, n):
    """A dataset of vectors with nothing absent."""
    names = Linear.modalities
    table = pa.table({m: [[float(i)] * 3 for i in range(n)] for m in names})
    parquet.write_table(table, folder / f"{n}.parquet")
    modality = {m: {"kind": "vector", "column": m} for m in names}
    said = {"source": {"path": f"{n}.parquet"}, "modality": modality}
    return data.open(Manifest.model_validate(said).placed(folder))


def test_the_default_says_why(tmp_path):
    class Takes(Linear):
        accepts_missing = True

    assert default_policy(load(Takes()), None)[0] == "model"
    policy, why = default_policy(load(Linear()), Donors(vectors(tmp_path, 80), ("a", "b"), 0))
    assert policy == "marginal:64"
    assert "64 other samples" in why


def test_the_default_takes_fewer_donors_where_there_are_fewer(tmp_path):
    for n, donors in ((62, 60), (3, 3), (64, 64)):
        policy, why = default_policy(load(Linear()), Donors(vectors(tmp_path, n), ("a", "b"), 0))
        assert policy == f"marginal:{donors}"
        assert donors == 64 or f"{donors} other samples, not 64, as {n} can give them" in why


@pytest.mark.parametrize("wrong", ["", "zero", "marginal", "marginal:0", "marginal:x", "zeros:3"])
def test_unknown_policies_are_refused(wrong):
    with pytest.raises(UsageError, match="no absence policy"):
        parse(wrong)


def test_too_few_donors_are_refused():
    with pytest.raises(UsageError, match="needs 10 samples") as refused:
        answer("marginal:10")
    assert refused.value.fix == "marginal:9"
    with pytest.raises(UsageError, match="needs samples that have a and b"):
        answer("zeros", donors=None)


@pytest.fixture
def rows():
    """40 rows of two vectors, every fifth without b; half of them for training."""
    import pyarrow as pa

    n = 40
    return pa.table(
        {
            "id": [f"s{i}" for i in range(n)],
            "split": ["train" if i % 2 else "test" for i in range(n)],
            "a": [[float(i), 1.0] for i in range(n)],
            "b": [None if i % 5 == 0 else [float(i)] for i in range(n)],
        }
    )


def opened(folder: Path, table):
    return data.open(vector_files.write(folder, table, "a", "b", source='split = "split"'))


def test_background_comes_from_training_complete_first_whatever_the_order(tmp_path, rows):
    one = background(Donors(opened(tmp_path / "one", rows), ("a", "b"), 3), ("marginal:10",))
    backwards = rows.take(list(range(rows.num_rows))[::-1])
    two = background(Donors(opened(tmp_path / "two", backwards), ("a", "b"), 3), ("marginal:10",))
    assert all(np.array_equal(one[m], two[m]) for m in ("a", "b"))
    firsts = [float(v[0]) for v in one["a"]]
    assert len(set(firsts)) == 10
    assert all(first % 2 == 1 and first % 5 for first in firsts)
    assert firsts == [float(v[0]) for v in one["b"]]


def test_fewer_donors_are_the_first_of_more_and_another_seed_gives_others(tmp_path, rows):
    whole = opened(tmp_path / "one", rows)
    three, four = (Donors(whole, ("a", "b"), seed) for seed in (3, 4))
    few = background(three, ("zeros", "marginal:3"))
    many = background(three, ("marginal:10",))
    other = background(four, ("marginal:10",))
    assert np.array_equal(few["a"], many["a"][:3])
    assert not np.array_equal(many["a"], other["a"])


def test_one_donor_is_there_for_the_usual_shape(tmp_path, rows):
    found = background(Donors(opened(tmp_path / "one", rows), ("a", "b"), 0), ("model",))
    assert [len(found[m]) for m in ("a", "b")] == [1, 1]


MODELS = """
import numpy as np


class Half:
    modalities, classes = ("a", "b"), ("x", "y")

    def scores(self, batch, present):
        z = [np.reshape(batch[m], (len(batch[m]), -1))[:, 0] for m in self.modalities]
        p = 1 / (1 + np.exp(-np.where([present[m] for m in self.modalities], z, 0).sum(axis=0)))
        return np.stack([1 - p, p], axis=1).astype(np.float32)


class Takes(Half):
    accepts_missing = True
"""


@pytest.mark.parametrize("audit", ["contributions", "robustness"])
def test_the_default_never_refuses_itself_where_no_training_sample_has_a_modality(tmp_path, audit):
    """It says where values come from, and that nothing can be where no sample has any."""
    (tmp_path / "models.py").write_text(MODELS)
    n = 20
    rows = {
        "id": [f"s{i}" for i in range(n)],
        "split": ["train" if i % 2 else "test" for i in range(n)],
        "a": [[float(i % 3), 1.0] for i in range(n)],
        "y": ["xy"[i % 3 > 0] for i in range(n)],
    }
    how = {"source": 'split = "split"', "target": '[target]\ncolumn = "y"\nkind = "class"\n'}
    for name, there in (("elsewhere", range(0, n, 2)), ("nowhere", ())):
        b = pa.array([[float(i)] if i in there else None for i in range(n)], pa.list_(pa.float64()))
        vector_files.write(tmp_path / name, rows | {"b": b}, "a", "b", **how)
    sweep = ("--missing", "--corruptions", "vector/gaussian_noise", "--severities", "2")
    more = ("--split", "test", *(sweep if audit == "robustness" else ()))

    def ended(name, model):
        named = "--model", f"python:models.py:{model}", "--out", f"{name}-{model}"
        return mmaudit(audit, f"{name}/dataset.toml", *named, *more, cwd=tmp_path)

    lent = ended("elsewhere", "Half")
    assert lent.returncode == 0, lent.stderr
    assert "b is in 0 of 10 samples of the split train" in lent.stderr
    assert "marginal:8 (" in lent.stderr or "marginal:8, " in lent.stderr
    if audit == "contributions":
        nothing = ended("nowhere", "Half")
        assert nothing.returncode == 3
        assert "the model needs 'b', and 0 of 20 samples have that" in nothing.stderr
        itself = ended("nowhere", "Takes")
        assert itself.returncode == 0, itself.stderr
        assert "b is in 0 of 10 samples: nothing can be said of it." in itself.stdout
