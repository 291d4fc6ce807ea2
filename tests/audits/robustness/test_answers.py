"""Odd answers: classes that no sample has, tables of answers under several policies, faults."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
import vector_files
from mmaudit.errors import InputError, UsageError

N = 60
CLASSES = ("cat", "dog")


@pytest.fixture
def dataset(tmp_path):
    rng = np.random.default_rng(0)
    table = {
        "id": [f"r{i}" for i in range(N)],
        "y": [CLASSES[i % 2] for i in range(N)],
        "a": rng.normal(size=(N, 4)).tolist(),
        "b": rng.normal(size=(N, 4)).tolist(),
    }
    target = '[target]\ncolumn = "y"\nkind = "class"\n'
    return vector_files.write(tmp_path, table, "a", "b", target=target)


def sweep(dataset, model, **options):
    given = {"corruptions": ("vector/dropout",), "severities": (1,), "replicates": 50}
    run = mm.robustness(dataset, model, quiet=True, **given | options)
    frame = run["robustness/summary"].to_pandas()
    found = frame.set_index(["condition", "metric"])["estimate.value"]
    return found, run["robustness/samples"].to_pandas()


class Zebra:
    """Sees a zebra in every second sample, which no sample is, and else a cat."""

    modalities, classes, accepts_missing = ("a", "b"), ("zebra", "dog", "cat"), True

    def scores(self, batch, present):
        zebra = np.asarray(batch["a"])[:, :1] > 0
        return np.where(zebra, [[0.7, 0.1, 0.2]], [[0.1, 0.1, 0.8]]).astype(np.float32)


def test_a_class_that_no_sample_has_is_an_answer_and_wrong(dataset):
    found, samples = sweep(dataset, Zebra())
    clean = samples[samples.condition == "clean"]
    a = np.array(parquet.read_table(dataset.parent / "rows.parquet")["a"].to_pylist())
    zebra = dict(zip((f"r{i}" for i in range(N)), a[:, 0] > 0, strict=True))
    said = np.array([zebra[i] for i in clean.id])
    assert 10 < said.sum() < 50
    assert clean.prediction.tolist() == np.where(said, "zebra", "cat").tolist()
    right = ~said & (clean.label == "cat").to_numpy()
    assert found["clean", "accuracy"] == pytest.approx(right.mean())
    assert clean.correct.tolist() == right.tolist()
    f1 = 2 * right.sum() / ((clean.label == "cat").sum() + (~said).sum())
    assert found["clean", "macro_f1"] == pytest.approx(f1 / 2)
    confidence = np.where(said, 0.7, 0.8)
    gaps = [abs((right - confidence)[said == z].sum()) for z in (True, False)]
    assert found["clean", "ece"] == pytest.approx(sum(gaps) / N, abs=1e-6)


def answers(dataset, conditions, said):
    """A table of the same answers under each condition."""
    table = {
        "id": [f"r{i}" for _ in conditions for i in range(N)],
        "condition": [name for name in conditions for _ in range(N)],
        "prediction": said * len(conditions),
    }
    parquet.write_table(pa.table(table), dataset.parent / "said.parquet")
    return f"predictions:{dataset.parent / 'said.parquet'}"


def test_a_word_that_is_no_class_is_wrong(dataset):
    """Of every four samples, one is answered with "do not know" and sorts before the classes."""
    said = ["cat", "dog", "cat", "beats me"] * (N // 4)
    spec = answers(dataset, ["clean", "vector/dropout:1@a", "vector/dropout:1@b"], said)
    found, samples = sweep(dataset, spec)
    assert found["clean", "accuracy"] == 0.75
    assert samples[samples.condition == "clean"].prediction.value_counts()["beats me"] == N // 4


def test_a_table_of_answers_under_several_policies(dataset):
    names = ["none", "a", "b"]
    asked = [f"present:{n} ({p})" for n in names for p in ("zeros", "mean")]
    changed = ["vector/dropout:1@a", "vector/dropout:1@b"]
    spec = answers(dataset, ["clean", *changed, *asked], ["cat", "dog"] * (N // 2))
    found, _ = sweep(dataset, spec, missing=True, absent=("zeros", "mean"))
    assert {found[name, "accuracy"] for name in asked} == {1.0}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_model_that_fails_midway_is_told_with_its_line(dataset, tmp_path, workers):
    (tmp_path / "model.py").write_text(
        "import numpy as np\nclass Model:\n"
        "    modalities, classes, accepts_missing = ('a', 'b'), ('cat', 'dog'), True\n"
        "    def scores(self, batch, present):\n"
        "        if not present['a'].all():\n            raise KeyError('a')\n"
        "        return np.full((len(batch['a']), 2), 0.5, np.float32)\n"
    )
    with pytest.raises(InputError, match="failed: KeyError: 'a'") as told:
        sweep(dataset, f"python:{tmp_path / 'model.py'}:Model", missing=True, workers=workers)
    assert told.value.where == f"{tmp_path / 'model.py'}:6"


def test_answers_that_are_no_array_are_refused(dataset):
    class Ragged(Zebra):
        def scores(self, batch, present):
            return [[1.0, 0.0, 0.0], [1.0]] + [[1.0, 0.0, 0.0]] * (len(batch["a"]) - 2)

    with pytest.raises(InputError, match="a list that is no array"):
        sweep(dataset, Ragged())


def test_a_policy_that_is_asked_for_twice_is_asked_once(dataset):
    _, samples = sweep(dataset, Zebra(), missing=True, absent=("zeros", "zeros"))
    assert samples.groupby(["id", "condition"]).size().max() == 1


@pytest.mark.parametrize(("name", "number"), [("replicates", 1), ("max_skipped", -1)])
def test_numbers_that_mean_nothing_are_refused(dataset, name, number):
    with pytest.raises(UsageError):
        sweep(dataset, Zebra(), **{name: number})
