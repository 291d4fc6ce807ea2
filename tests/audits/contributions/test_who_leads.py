"""Numbers that hang on nothing but the data: not on names of classes, nor on who is absent."""

import numpy as np
import pyarrow as pa
import pytest

import mmaudit as mm
import vector_files
from mmaudit.audits.contributions.messages import headline, leaders, of_the_pool
from mmaudit.audits.contributions.metrics import Number
from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys
from mmaudit.measures.intervals.replicates import Replicates
from mmaudit.tables.provenance import provenance
from mmaudit.tables.store import metadata


class Late:
    """The mean of what each modality says; nothing is known where none is there."""

    modalities, accepts_missing = ("a", "b"), True

    def __init__(self, classes):
        self.classes = classes

    def scores(self, batch, present):
        votes = np.stack([np.asarray(batch[m])[:, 0] * present[m] for m in "ab"]).sum(0)
        p = 1 / (1 + np.exp(-votes))
        order = [self.classes.index(name) for name in ("first", "second")]
        return np.stack([1 - p, p], axis=1)[:, np.argsort(order)].astype(np.float32)


def dataset(folder, *, n=300, has_b=True):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, n)
    a, b = (((2 * labels - 1) * s + rng.normal(size=n))[:, None].tolist() for s in (2.0, 1.0))
    rows = {
        "id": [f"s{i}" for i in range(n)],
        "a": a,
        "b": pa.array(b if has_b else [None] * n, pa.list_(pa.float64())),
        "label": np.array(["first", "second"])[labels],
        "split": ["test"] * n,
    }
    if not has_b:  # one training sample does
        rows = {name: [*rows[name].to_pylist()] if name == "b" else [*rows[name]] for name in rows}
        for name, value in {"id": "t", "a": [1.0], "b": [1.0], "label": "first"}.items():
            rows[name].append(value)
        rows["split"].append("train")
    entries = {"source": 'split = "split"', "target": vector_files.CLASS_OF_LABEL}
    return vector_files.write(folder, rows, "a", "b", **entries)


def asked(file, model, **options):
    return mm.contributions(file, model, quiet=True, replicates=50, unimodal=("none",), **options)


def test_phi_of_a_class_does_not_hang_on_what_classes_are_called(tmp_path):
    file = dataset(tmp_path)
    told = []
    for classes in (("first", "second"), ("second", "first")):
        run = asked(file, Late(classes), value=("correct",))
        told.append(
            {
                (r["slice"], r["modality"], r["metric"]): r["estimate"]["value"]
                for r in run["contributions/summary"].arrow().to_pylist()
            }
        )
    assert told[0].keys() == told[1].keys()
    for key, value in told[0].items():
        assert told[1][key] == pytest.approx(value, abs=1e-6), key
    assert told[0]["all", "", "v_none"] == 0.5
    assert told[0]["class=first", "", "v_none"] == 0.5


def test_a_modality_that_no_sample_has_is_named(tmp_path):
    file = dataset(tmp_path, n=70, has_b=False)
    run = asked(file, Late(("first", "second")), split="test")
    said = provenance(metadata(run.path / "contributions" / "summary.parquet"))
    assert said.notes[0] == "b is in 0 of 70 samples: nothing can be said of it."
    assert said.headline.startswith("a brings most")


def phis(**points):
    rng = np.random.default_rng(0)
    return [
        Number(m, "phi", Replicates(x, x + 0.01 * rng.normal(size=200), 100))
        for m, x in points.items()
    ]


@pytest.mark.parametrize(
    ("marginal", "zeros", "told"),
    [
        ({"a": 0.5, "b": 0.2}, {"a": 0.4, "b": 0.3}, "a brings most: "),
        ({"a": 0.5, "b": 0.2}, {"a": 0.2, "b": 0.4}, ", but under zeros b does."),
        ({"a": 0.5, "b": 0.495}, {"a": 0.2, "b": 0.4}, "which modality brings most is not shown: "),
    ],
)
def test_the_headline_says_who_leads_as_far_as_that_is_shown(marginal, zeros, told):
    sentence = headline({"marginal:8": phis(**marginal), "zeros": phis(**zeros)}, "p_true", None)
    assert sentence.startswith(told) or sentence.endswith(told)
    assert ("but under" in sentence) is told.startswith(", but")


def test_what_intervals_do_not_hold_is_said():
    assert not [*of_the_pool({})]
    assert not [*of_the_pool({"marginal:8": 128})]
    (said,) = of_the_pool({"marginal:64": 0, "marginal:8": 128})
    assert "(marginal:64)" in said


def test_of_two_that_are_alike_hardly_any_seed_names_one():
    """Equal φ, 40 draws of donors and samples: one is named in about 2 of them, as by chance."""
    named = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        keys = unit_keys(seed, [str(i) for i in range(200)])
        both = [
            Number(m, "phi", replicated_mean(0.2 + rng.normal(0, 0.3, 200), keys, 200))
            for m in "ab"
        ]
        named += len(leaders(both)) == 1
    assert named <= 6
