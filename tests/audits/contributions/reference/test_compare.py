"""A gain is over another model of one modality; what each reference is, is said with it."""

import re

import numpy as np
import pytest

import mmaudit as mm
import vector_files
from command import mmaudit
from mmaudit.errors import InputError, UsageError
from mmaudit.inference.unimodal import probes
from mmaudit.measures.tasks.absence.unimodal import over_best
from mmaudit.tables.provenance import provenance
from planted import Votes, total

MODELS = """
import numpy as np


class Sums:
    classes, output, accepts_missing = ("no", "yes"), "probabilities", True

    def __init__(self, *names):
        self.modalities = names

    def scores(self, batch, present):
        votes = sum(np.asarray(batch[m]).sum(axis=1) * present[m] for m in self.modalities)
        p = 1 / (1 + np.exp(-votes))
        return np.stack([1 - p, p], axis=1).astype(np.float32)


def both():
    return Sums("a", "b")


def a():
    return Sums("a")


def b():
    return Sums("b")
"""


def dataset(folder, *, copy, split="train", n=300):
    """Rows of which b is a copy of a, or tells as much by itself."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 2 * n)
    a, b = (0.7 * (2 * labels - 1)[:, None] + rng.normal(size=(2 * n, 3)) for _ in "ab")
    names = np.array([split, "test"])[np.arange(2 * n) % 2]
    rows = {"id": [f"s{i}" for i in range(2 * n)], "split": names, "a": list(a)}
    rows |= {"b": list(a if copy else b), "label": np.array(["no", "yes"])[labels]}
    (folder / "models.py").write_text(MODELS)
    entries = {"source": 'split = "split"', "target": vector_files.CLASS_OF_LABEL}
    return vector_files.write(folder, rows, "a", "b", **entries)


def asked(where, **options):
    model = Votes("ab", total)
    model.encode = lambda _, values: np.asarray(values, np.float32).sum(axis=1, keepdims=True)
    run = mm.contributions(where, model, quiet=True, replicates=20, **options)
    told = {
        (r["modality"], r["metric"]): r["estimate"]
        for r in run["contributions/summary"].arrow().to_pylist()
        if r["slice"] == "all"
    }
    flags = [r for r in run["contributions/flags"].arrow().to_pylist() if r["flag"] == "not_better"]
    told_of = provenance(run["contributions/summary"].arrow().schema.metadata)
    return told, flags, told_of, run


def test_a_copy_is_no_gain_and_a_second_witness_is_one(tmp_path):
    told, (flag,), said, run = asked(dataset(tmp_path, copy=True))
    assert flag["raised"]
    assert told["", "gain_over_best_reference"]["low"] <= 0
    fitted = "fitted to 300 rows of the split train"
    assert "are not shown to be right more often than a probe of" in said.headline
    references = run["contributions/references"].to_pandas()
    assert references.reference.str.contains(fitted).sum() == 2
    assert set(references.modality) == {"a", "b"}
    told, (flag,), said, _ = asked(dataset(tmp_path, copy=False))
    gain = told["", "gain_over_best_reference"]
    assert not flag["raised"]
    assert 0 < gain["low"] < gain["value"] < gain["high"]
    assert re.search(r"right 0\.\d+ \[.*\] more often than a probe of [ab] alone \(", said.headline)
    own = told["", "gain_over_best_alone"]["value"]
    assert any("this model with the best modality alone" in note for note in said.notes)
    assert own != gain["value"]


def test_the_gain_does_not_hang_on_the_seed(tmp_path):
    where = dataset(tmp_path, copy=True)
    one, two = (asked(where, seed=seed)[0]["", "gain_over_best_reference"] for seed in (0, 1))
    assert one == two


def test_without_training_rows_a_gain_needs_the_probes_to_agree(tmp_path):
    _, (flag,), said, _ = asked(dataset(tmp_path, copy=False, split="test"))
    assert not flag["raised"]
    assert "fitted to the other rows of these 600" in said.headline
    _, (flag,), _, _ = asked(dataset(tmp_path, copy=True, split="test"))
    assert flag["raised"]


def test_without_any_reference_the_sentence_says_so(tmp_path):
    told, flags, said, _ = asked(dataset(tmp_path, copy=True), unimodal=("none",))
    assert ("", "gain_over_best_reference") not in told
    assert "than this model with the best modality alone, the others absent" in said.headline
    assert all(flag["absent"] == "model" for flag in flags)


def test_models_of_one_modality_through_the_command(tmp_path):
    where, models = dataset(tmp_path, copy=True), tmp_path / "models.py"
    done = mmaudit(
        "contributions", where, "--model", f"python:{models}:both", "--out", tmp_path / "run",
        "--unimodal", f"a=python:{models}:a", "--unimodal", f"b=python:{models}:b", "--split", "test",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # the sum of a and its copy is right where a is: the gain is 0, and nothing is filled in
    alone = f"a=python:{models}:a".partition("=")[2]
    assert f"than {alone} on a alone: 0.000 [" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("unimodal", "error", "says"),
    [
        (("c=python:x.py:f",), UsageError, "names no modality"),
        (("a=python:x.py:f", "a=python:y.py:f"), UsageError, "two models of 'a' alone"),
        (("a=python:{models}:b",), InputError, "no model of a alone"),
    ],
)
def test_what_is_no_model_of_one_modality_is_refused(tmp_path, unimodal, error, says):
    where = dataset(tmp_path, copy=True)
    texts = tuple(text.format(models=tmp_path / "models.py") for text in unimodal)
    with pytest.raises(error, match=says):
        asked(where, unimodal=texts)


def rows(labels, **views):
    n = labels.size
    everyone = {m: np.ones(n, bool) for m in views}
    at = {m: [view] for m, view in views.items()}
    return probes.ProbeRows([str(i) for i in range(n)], labels, None, everyone, at, {})


def test_false_claims_of_a_gain():
    """A fitted model of a and its copy: a gain is claimed in at most 1 of 30 sets.

    In 100 sets none was; at a rate of 1 % this test fails in 4 of 100 runs over all seeds.
    """
    from sklearn.svm import SVC

    rng, claims = np.random.default_rng(5), 0
    for _ in range(30):
        labels = rng.integers(0, 2, 500)
        a = 0.7 * (2 * labels - 1)[:, None] + rng.normal(size=(500, 3))
        both = np.hstack([a, a])
        fused = SVC().fit(both[:300], labels[:300]).predict(both[300:])
        train, at = rows(labels[:300], a=a[:300]), rows(labels[300:], a=a[300:])
        right = (fused == at.labels).astype(float)
        others = [probes.held_out(at, "a", 2), probes.from_training(at, train, "a", 2)]
        claims += over_best(right, others, None).low > 0
    assert claims <= 1


def test_ties_of_references_do_not_hang_on_the_names_of_classes():
    """A modality that says nothing, by a probe and by a model: half right of either class."""
    labels = np.tile([0, 1], 40)
    train, at = (rows(y, a=np.zeros((y.size, 2))) for y in (labels[:60], labels[:20]))
    assert (probes.from_training(at, train, "a", 2) == 0.5).all()
    assert (probes.guessed(labels, labels) == 0.5).all()
    assert probes.guessed(np.array([0, 1, 2]), np.array([1, 1, 0])).tolist() == [0, 1, 0]


def test_ties_of_separately_trained_models_are_shared(tmp_path):
    where = dataset(tmp_path, copy=False, n=60)
    (tmp_path / "even.py").write_text(
        "import numpy as np\n\n\n"
        "class Even:\n"
        "    modalities, classes, output = ('b',), ('no', 'yes'), 'probabilities'\n\n"
        "    def scores(self, batch, present):\n"
        "        return np.full((len(batch['b']), 2), 0.5, np.float32)\n"
    )
    told, *_ = asked(where, unimodal=(f"b=python:{tmp_path}/even.py:Even",))
    assert told["b", "accuracy_reference"]["value"] == 0.5
