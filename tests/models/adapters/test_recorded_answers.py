"""Answers from a file are checked as a model's are, in `robustness` too."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import two_vectors
from command import mmaudit

CONDITIONS = ("clean", "vector/gaussian_noise:3@left", "vector/gaussian_noise:3@right")
SWEEP = ("--corruptions", "vector/gaussian_noise", "--severities", "3", "--out", "run")
N = 12


def asked(folder, columns, options=""):
    manifest = two_vectors.make(folder, N)
    ids = [f"row{i}" for i in range(N)]
    keys = {"id": ids * len(CONDITIONS), "condition": np.repeat(CONDITIONS, N).tolist()}
    tiled = {name: np.tile(column, len(CONDITIONS)) for name, column in columns.items()}
    parquet.write_table(pa.table(keys | tiled), folder / "p.parquet")
    model = f"predictions:p.parquet{options}"
    return mmaudit("robustness", manifest, "--model", model, *SWEEP, cwd=folder)


def answers(kind):
    logits = np.random.default_rng(0).normal(0, 3, (N, 3)).astype(np.float32)
    if kind == "logits":
        return logits
    odds = np.exp(logits)
    return (odds / odds.sum(1, keepdims=True)).astype(kind)


def columns(numbers, **more):
    return {f"prob_{name}": numbers[:, i] for i, name in enumerate("abc")} | more


def test_logits_are_no_probabilities(tmp_path):
    done = asked(tmp_path, columns(answers("logits")))
    assert done.returncode == 3
    assert "'row0 under clean'" in done.stderr
    assert "output=logits" in done.stderr


def test_logits_that_are_told_are_made_probabilities(tmp_path):
    stated = asked(tmp_path / "logits", columns(answers("logits")), ",output=logits")
    plain = asked(tmp_path / "plain", columns(answers(np.float32)))
    assert stated.returncode == plain.returncode == 0, stated.stderr
    first, second = (
        parquet.read_table(tmp_path / name / "run/robustness/summary.parquet")
        for name in ("logits", "plain")
    )
    values = [
        np.array([e["value"] for e in t["estimate"].to_pylist()], float) for t in (first, second)
    ]
    assert np.allclose(*values, atol=1e-5, equal_nan=True)


def test_a_column_more_is_no_class(tmp_path):
    sure = answers(np.float32)
    done = asked(tmp_path, columns(sure, prob_max=sure.max(1)))
    assert done.returncode == 3
    assert "for each class and for nothing else" in done.stderr
    assert "logits" not in done.stderr.partition("try:")[2]


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_the_tolerance_follows_the_type_of_the_numbers(tmp_path, kind):
    done = asked(tmp_path, columns(answers(kind)))
    assert done.returncode == 0, done.stderr
