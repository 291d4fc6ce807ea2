"""Imputers are judged where values are there: known errors, out of the fit, whatever is poisoned."""

import numpy as np

import gaussian_pairs
import vector_files
from loading import access, load
from mmaudit.inference.imputation.reconstruction import Subset, judge, table
from mmaudit.inference.inputs import Inputs
from mmaudit.samples import dataset as data

N, TEST = 1600, 400


class Any:
    modalities, classes = ("a", "b", "c"), None

    def scores(self, batch, present):
        return np.zeros(len(batch["a"]), np.float32)


def opened(folder, values, *, split=True, gone=()):
    n = len(values["a"])
    columns = {
        m: [None if m == "c" and i in gone else v for i, v in enumerate(x)]
        for m, x in values.items()
    }
    rows = {"id": [f"s{i}" for i in range(n)], **columns}
    if split:
        rows["split"] = ["test" if i < TEST else "train" for i in range(n)]
    source = 'split = "split"' if split else ""
    return data.open(vector_files.write(folder, rows, *"abc", source=source))


def judged(whole, *subsets, split="test"):
    audited = whole.select(split=split) if split else whole
    inputs = Inputs(dataset=audited, whole=whole, access=access())
    return judge(inputs, load(Any()), subsets, 0, 2**30, 100)


def r2(some, policy, modality, present=("a", "c")):
    (one,) = [
        j
        for j in some
        if j.subset.policy == policy and j.modality == modality and j.subset.present == present
    ]
    return one.numbers["reconstruction_r2"]


def test_it_is_the_share_of_the_variance_that_the_conditional_mean_explains(tmp_path):
    whole = opened(tmp_path, gaussian_pairs.drawn(N, 3))
    policies = ("ridge", "knn:5", "conditional:16", "zeros")
    present = (("a", "c"), ("a",), ())
    some = judged(whole, *(Subset(f"{s} {p}", p, s) for p in policies for s in present))
    said = (gaussian_pairs.OF_A**2).sum(0), (gaussian_pairs.OF_C**2).sum(0)
    noise = gaussian_pairs.NOISE**2
    both = np.mean((said[0] + said[1]) / (said[0] + said[1] + noise))
    alone = np.mean(said[0] / (said[0] + said[1] + noise))
    for shown, wanted in ((("a", "c"), both), (("a",), alone)):
        e = r2(some, "ridge", "b", shown)
        assert e.low - 0.02 < wanted < e.high + 0.02  # the fit has noise beside the interval's
    assert r2(some, "ridge", "b").value > r2(some, "conditional:16", "b").value > 0.3
    assert r2(some, "knn:5", "b").value > 0.3
    assert {j.subset.policy for j in some} == set(policies[:3])  # fillers do not learn
    assert all(j.subset.present for j in some)
    assert {(j.fitted_on, j.folds) for j in some} == {(N - TEST, 1)}


def test_what_says_nothing_is_no_better_than_the_mean(tmp_path):
    """c is independent of a: what is gained is 0, or below it by what the fit got wrong."""
    whole = opened(tmp_path, gaussian_pairs.drawn(N, 4))
    some = judged(whole, *(Subset(p, p, ("a",)) for p in ("ridge", "conditional:16")))
    assert abs(r2(some, "ridge", "c", ("a",)).value) < 0.03
    assert -0.15 < r2(some, "conditional:16", "c", ("a",)).value < 0.02


def test_without_a_training_split_no_sample_finds_itself(tmp_path):
    noise = {m: np.random.default_rng(5).normal(size=(300, 2)).astype("f4") for m in "abc"}
    noise["b"] = noise["b"][::-1]
    noise["c"] = np.roll(noise["c"], 7, axis=0)
    whole = opened(tmp_path, noise, split=False)
    some = judged(whole, Subset("x", "conditional:1", ("a",)), split=None)
    e = r2(some, "conditional:1", "b", ("a",))
    assert e.high < -0.5  # a donor by chance has twice the error of the mean; itself, none
    assert {j.folds for j in some} == {5}


def test_only_values_that_are_there_are_compared(tmp_path):
    whole = opened(tmp_path, gaussian_pairs.drawn(N, 6), gone=set(range(0, N, 4)))
    some = judged(whole, Subset("x", "ridge", ("a", "b")))
    assert r2(some, "ridge", "c", ("a", "b")).n == TEST * 3 // 4


def test_the_table_says_what_was_compared(tmp_path):
    n = 120
    values = gaussian_pairs.drawn(n, 7)
    texts = [" ".join(f"w{int(v > 0)}{i}" for i, v in enumerate(a)) for a in values["a"]]
    path = vector_files.write(
        tmp_path,
        {
            "id": [f"s{i}" for i in range(n)],
            "split": ["test" if i % 3 == 0 else "train" for i in range(n)],
            "a": list(values["a"]),
            "t": texts,
        },
        *"a",
        source='split = "split"',
    )
    path.write_text(path.read_text() + '[modality.t]\nkind = "text"\ncolumn = "t"\n')
    whole = data.open(path)

    class Two(Any):
        modalities = ("a", "t")

    inputs = Inputs(dataset=whole.select(split="test"), whole=whole, access=access())
    subsets = [Subset(m, "conditional:4", (m,)) for m in "at"]
    some = table(judge(inputs, load(Two()), subsets, 0, 2**30, 50))
    rows = {row["modality"]: row for row in some.to_pylist()}
    assert rows["a"]["compared"] == "standardised numbers"
    assert rows["t"]["compared"] == "plain features"
    assert rows["t"]["reconstruction_r2"]["value"] > 0  # texts follow the signs of a
    assert all(some.schema.field(name).metadata[b"help"] for name in some.column_names)
    assert rows["a"]["fitted_on"] == 80
