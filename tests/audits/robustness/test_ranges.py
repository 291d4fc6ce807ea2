"""No number, and no end of an interval, is beyond the range that its metric declares."""

import numpy as np
import pytest

import many_runs
from mmaudit.audits.robustness.metrics import declared, meaning
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.tasks.base import EmbeddingAnswers
from mmaudit.measures.tasks.retrieval import measure as retrieval
from mmaudit.tables import run as runs

SIZES = (1, 2, 7, 30, 130)


def check_ranges(folder):
    summary = runs.read(folder, "robustness")
    rows = summary.rows
    assert len(rows) > 20
    for row in rows:
        e, (low, high) = row["estimate"], summary.meanings[row["metric"]].bounds
        near = 1e-9 * max(1.0, abs(e["value"]))
        assert low - near <= e["low"] <= e["value"] <= e["high"] <= high + near, row


def class_answers(rng, n, classes):
    """Odd answers, ``(case, n, class)``: sure and wrong, all alike, torn, of one class."""
    cases = [
        rng.dirichlet(np.full(classes, 0.02), n),
        rng.dirichlet(np.full(classes, 5.0), n),
        np.full((n, classes), 1 / classes),
        np.tile(np.eye(classes)[:1], (n, 1)),
        np.eye(classes)[rng.integers(0, classes, n)],
        np.full((n, classes), np.float32(1) / 3) * (1 + 1e-7),
    ]
    return np.stack(cases)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("classes", "grouped"), [(2, False), (3, True), (7, False)])
def test_classes(tmp_path, n, classes, grouped):
    rng = np.random.default_rng(n)
    scores = {s: class_answers(rng, n, classes) for s in (0, 2, 5)}
    labels = rng.integers(0, classes, scores[0].shape[:2])
    labels[0] = 0
    groups = np.broadcast_to(np.arange(n) // 3, labels.shape) if grouped else None
    check_ranges(many_runs.run(tmp_path, scores, labels, groups, keep=False, replicates=30))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("grouped", [False, True])
def test_numbers(tmp_path, n, grouped):
    rng = np.random.default_rng(n)
    truth = np.stack([rng.normal(size=n), np.zeros(n), rng.standard_cauchy(n) * 1e9, np.ones(n)])
    noise = rng.standard_t(1.5, (3, *truth.shape))
    scores = {0: truth, 2: -truth, 4: truth + noise[0], 5: noise[1] * 1e-12}
    groups = np.broadcast_to(np.arange(n) // 2, truth.shape) if grouped else None
    check_ranges(many_runs.run(tmp_path, scores, truth, groups, keep=False, replicates=30))


@pytest.mark.parametrize("n", SIZES)
def test_embeddings(n):
    rng = np.random.default_rng(n)
    x, metrics = rng.normal(size=(n, 4)), declared("embedding")
    for other in (x, -x, np.zeros_like(x), np.ones_like(x), rng.normal(size=x.shape)):
        for members in (1, 3):
            names = [str(i // members) for i in range(n)]
            answers = EmbeddingAnswers({"image": x, "text": other}, names)
            for name, found in retrieval(answers, unit_keys(0, names), 30).items():
                e, (low, high) = found.estimate(), meaning(name, metrics).bounds
                assert low <= e.low <= e.value <= e.high <= high, name
