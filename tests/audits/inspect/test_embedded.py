"""Embeddings that a person brings: near copies are found by them, and small models learn from them."""

import csv

import numpy as np
import pytest

import mmaudit as mm
from command import mmaudit

N = 300
COPIES = {20: 19, 90: 12, 200: 199}  # rows whose vectors are nearly those of others


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Texts too short to be told apart, whose vectors tell the class; and those of a second side."""
    at, rng = tmp_path_factory.mktemp("embedded"), np.random.default_rng(0)
    labels = rng.integers(0, 3, N)
    common = rng.normal(size=(3, 48))[labels]
    one, other = (common + rng.normal(size=(N, 48)) for _ in "ab")
    for copy, of in COPIES.items():
        labels[copy] = labels[of]
        one[copy] = one[of] + 0.05 * rng.normal(size=48)
    one[250] = np.nan
    np.save(at / "a.npy", one.astype(np.float32))
    np.save(at / "b.npy", other.astype(np.float32))
    with (at / "rows.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "head", "tail", "label"])
        out.writerows([f"r{i}", f"a {i}", f"b {i}", "xyz"[k]] for i, k in enumerate(labels))
    (at / "dataset.toml").write_text(
        'schema = 1\n[source]\npath = "rows.csv"\nid = "id"\n[target]\nkind = "class"\ncolumn = "label"\n'
        '[modality.head]\nkind = "text"\ncolumn = "head"\n[modality.tail]\nkind = "text"\ncolumn = "tail"\n'
    )
    return at


@pytest.fixture(scope="module")
def done(folder):
    done = mmaudit(
        "inspect",
        "dataset.toml",
        "--embeddings",
        "head=a.npy,tail=b.npy",
        "--out",
        "run",
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return mm.Run(folder / "run"), done.stdout


def values(run, metric):
    return {
        r["modality"]: r["estimate"]["value"]
        for r in run["inspect/summary"].arrow().to_pylist()
        if r["metric"] == metric and r["slice"] == "all"
    }


def test_values_that_embed_alike_are_near_copies_and_no_others(done):
    run, _ = done
    assert values(run, "near_duplicate_rate")["head"] == len(COPIES) / N
    assert values(run, "near_duplicate_rate")["tail"] == 0
    issues = {
        r["id"]: r["reason"]
        for r in run["inspect/issues"].arrow().to_pylist()
        if "that of" in r["reason"]
    }
    assert issues == {f"r{a}": f"nearly the same as that of r{b}" for a, b in COPIES.items()}


def test_small_models_and_alignment_are_of_the_embeddings(done, folder):
    run, said = done
    plain = mm.inspect(folder / "dataset.toml", quiet=True)
    assert min(values(run, "probe_accuracy").values()) > 0.95
    assert max(values(plain, "probe_accuracy").values()) < 0.6
    assert values(run, "cka_p_value")["head,tail"] < 0.01
    assert values(run, "cka")["head,tail"] > 0.2
    assert "small models of the given embeddings are right in" in said


def test_what_it_was_is_in_the_record(done, folder):
    run, _ = done
    other = mmaudit(
        "inspect",
        "dataset.toml",
        "--embeddings",
        "head=b.npy",
        "--out",
        "run",
        "--resume",
        cwd=folder,
    )
    assert other.returncode == 2
    assert "embeddings" in other.stderr
    page = mm.report(run).read_text()
    assert "given embeddings" in page
    assert "What modalities tell of the label, and tell twice" in page
    assert 0 < values(run, "label_redundancy")["head"] <= values(run, "label_information")["head"]
    assert "modalities repeat each other" in page


@pytest.mark.parametrize(
    ("embeddings", "code", "word"),
    [("haed=a.npy", 2, "head"), ("head", 2, "NAME=FILE"), ("head=c.npy", 3, "no such file")],
)
def test_what_is_no_embedding_is_refused(folder, embeddings, code, word):
    done = mmaudit("inspect", "dataset.toml", "--embeddings", embeddings, "--out", "no", cwd=folder)
    assert done.returncode == code
    assert word in done.stderr


def test_nothing_nearly_equal_is_sought_where_only_equal_values_are_asked_for(folder):
    run = mm.inspect(
        folder / "dataset.toml",
        embeddings=("head=" + str(folder / "a.npy"),),
        exact=True,
        quiet=True,
    )
    assert values(run, "near_duplicate_rate") == {}
