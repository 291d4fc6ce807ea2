from pathlib import Path

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from loading import load
from mmaudit.errors import InputError, UsageError
from places import SHARED

DATA = SHARED
RNG = np.random.default_rng(0)
N = 60
Y = np.array(["x", "y", "z"])[np.arange(N) % 3]
A = (RNG.normal(size=(N, 3)) + (np.arange(N) % 3)[:, None]).astype(np.float32)
B = RNG.normal(size=(N, 2)).astype(np.float32)
ALL = {"a": np.ones(N, bool), "b": np.ones(N, bool)}


def saved(folder, held, name="model.skops"):
    skops.io.dump(held, folder / name)
    return f"sklearn:{folder / name}"


def test_late_fusion_is_the_mean_of_what_is_present(tmp_path):
    one = make_pipeline(StandardScaler(), LogisticRegression()).fit(A, Y)
    two = LogisticRegression().fit(B, Y)
    loaded = load(saved(tmp_path, {"a": one, "b": two}))
    present = {"a": np.arange(N) % 2 == 0, "b": np.arange(N) % 3 == 0}
    pa, pb = one.predict_proba(A.astype("f8")), two.predict_proba(B.astype("f8"))
    wanted = np.full((N, 3), 1 / 3)
    wanted[::2] = pa[::2]
    wanted[::3] = pb[::3]
    wanted[::6] = (pa + pb)[::6] / 2
    got = loaded.model.scores({"a": A, "b": B}, present)
    np.testing.assert_allclose(got, wanted, atol=1e-6)
    assert loaded.info.classes == ("x", "y", "z")
    assert loaded.info.accepts_missing
    assert loaded.info.two_stage


def test_one_estimator_takes_the_modalities_side_by_side_in_the_order_it_is_told(tmp_path):
    estimator = LogisticRegression().fit(np.hstack([B, A]), Y)
    wanted = estimator.predict_proba(np.hstack([B, A]).astype("f8"))
    told = load(saved(tmp_path, {"estimator": estimator, "modalities": ["b", "a"]}))
    bare = load(saved(tmp_path, estimator, "bare.skops") + ",modalities=b,a")
    for loaded in (told, bare):
        assert loaded.info.modalities == ("b", "a")
        assert not loaded.info.accepts_missing
        np.testing.assert_allclose(loaded.model.scores({"a": A, "b": B}, ALL), wanted, atol=1e-6)


def test_a_bare_estimator_must_be_told_its_modalities(tmp_path):
    with pytest.raises(UsageError, match="which modalities") as refused:
        load(saved(tmp_path, LogisticRegression().fit(A, Y)))
    assert "modalities=a,b" in refused.value.fix


def test_text_goes_to_a_pipeline_of_its_own(tmp_path):
    texts = [f"{'red' if i % 3 else 'blue'} thing" for i in range(N)]
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, Y)
    number = LogisticRegression().fit(A, Y)
    loaded = load(saved(tmp_path, {"t": pipeline, "a": number}))
    got = loaded.model.encode("t", texts)
    np.testing.assert_allclose(got, pipeline.predict_proba(texts), atol=1e-6)
    together = load(saved(tmp_path, {"estimator": pipeline, "modalities": ["t"]}, "one.skops"))
    np.testing.assert_array_equal(together.model.scores({"t": texts}, {"t": ALL["a"]}), got)
    numbers = load(saved(tmp_path, {"estimator": number, "modalities": ["t"]}, "two.skops"))
    with pytest.raises(InputError, match="cannot take these values"):
        numbers.model.scores({"t": texts}, {"t": ALL["a"]})


def test_regressors_answer_with_numbers(tmp_path):
    a, b = Ridge().fit(A, A[:, 0]), Ridge().fit(B, A[:, 0])
    loaded = load(saved(tmp_path, {"a": a, "b": b}))
    assert loaded.info.output == "values"
    assert not loaded.info.accepts_missing
    wanted = (a.predict(A.astype("f8")) + b.predict(B.astype("f8"))) / 2
    np.testing.assert_allclose(loaded.model.scores({"a": A, "b": B}, ALL), wanted, atol=1e-6)


def test_several_labels_are_answered_each_by_itself(tmp_path):
    labels = np.stack([Y == "x", A[:, 1] > 0], axis=1)
    each = MultiOutputClassifier(LogisticRegression()).fit(A, labels)
    one = OneVsRestClassifier(LogisticRegression()).fit(A, labels)
    wanted = np.stack([p[:, 1] for p in each.predict_proba(A)], axis=1)
    for estimator in (each, one):
        spec = saved(tmp_path, {"a": estimator})
        with pytest.raises(UsageError, match="several labels") as refused:
            load(spec)
        assert "output=label_probabilities,classes=" in refused.value.fix
        loaded = load(f"{spec},output=label_probabilities,classes=is_x,above")
        assert (loaded.info.output, loaded.info.classes) == (
            "label_probabilities",
            ("is_x", "above"),
        )
        got = loaded.model.scores({"a": A}, {"a": np.arange(N) > 0})
        np.testing.assert_allclose(got[1:], wanted[1:], atol=1e-6)
        np.testing.assert_array_equal(got[0], 0.5)


def test_estimators_that_do_not_fit_together_are_refused(tmp_path):
    other = LogisticRegression().fit(B, np.where(Y == "x", "x", "w"))
    with pytest.raises(InputError, match="same classes"):
        load(saved(tmp_path, {"a": LogisticRegression().fit(A, Y), "b": other}))
    with pytest.raises(InputError, match="LinearSVC gives no probabilities"):
        load(saved(tmp_path, {"a": LinearSVC().fit(A, Y)}))


def test_types_that_skops_does_not_trust_need_trust(tmp_path):
    forest = RandomForestClassifier(2, random_state=0).fit(A, Y)
    spec = saved(tmp_path, {"a": forest})
    with pytest.raises(UsageError, match=r"does not trust: sklearn\.tree\._tree\.Tree"):
        load(spec)
    got = load(spec, trust=True).model.scores({"a": A}, {"a": ALL["a"]})
    np.testing.assert_allclose(got, forest.predict_proba(A), atol=1e-6)


class Runs:
    """What a pickle can do: run a function of the reader's when it is opened."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_is_refused_before_it_runs_anything(tmp_path):
    joblib.dump(Runs(tmp_path / "ran"), tmp_path / "model.joblib")
    with pytest.raises(UsageError, match="skops"):
        load(f"sklearn:{tmp_path / 'MODEL.PKL'}")
    with pytest.raises(UsageError, match="skops") as refused:
        load(f"sklearn:{tmp_path / 'model.joblib'}")
    assert refused.value.exit_code == 2
    assert not (tmp_path / "ran").exists()
    joblib.load(tmp_path / "model.joblib")  # the file does what this test says it does
    assert (tmp_path / "ran").exists()


def test_a_trusted_pickle_is_a_model(tmp_path):
    joblib.dump({"a": LogisticRegression().fit(A, Y)}, tmp_path / "model.joblib")
    loaded = load(f"sklearn:{tmp_path / 'model.joblib'}", trust=True)
    assert loaded.info.modalities == ("a",)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x05\x06" + bytes(18)])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "model.skops").write_bytes(content)
    with pytest.raises(InputError):
        load(f"sklearn:{tmp_path / 'model.skops'}")


def test_images_of_different_sizes_are_refused_with_their_shapes(tmp_path):
    loaded = load(saved(tmp_path, {"a": LogisticRegression().fit(A, Y)}))
    ragged = [np.zeros((2, 2, 3), np.uint8), np.zeros((3, 2, 3), np.uint8)]
    with pytest.raises(InputError, match="different shapes"):
        loaded.model.encode("a", ragged)


@pytest.mark.shared
def test_late_fusion_on_handwritten_digits_is_as_good_as_published(tmp_path):
    if not (DATA / "handwritten").exists():
        pytest.skip("the dataset handwritten is not on this machine")
    from mmaudit.samples import dataset as data
    from mmaudit.samples.decode import decode, stack

    whole = data.open(DATA / "handwritten" / "dataset.toml")

    def read(split):
        part = whole.select(split=split)
        samples = decode(part, part.read(range(len(part))))
        return {m: stack(samples.values[m], "vector") for m in part.modalities}, samples

    x, train = read("train")
    names = np.array(whole.classes)[train.labels]
    held = {
        m: make_pipeline(StandardScaler(), LogisticRegression(max_iter=100)).fit(v, names)
        for m, v in x.items()
    }
    loaded = load(saved(tmp_path, held))
    x, test = read("test")
    scores = loaded.model.scores(x, test.present)
    right = np.array(loaded.info.classes)[scores.argmax(1)] == np.array(whole.classes)[test.labels]
    assert right.mean() == pytest.approx(0.986, abs=0.02)
