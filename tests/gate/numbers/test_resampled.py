"""Paired resampling of macro-F1 and ECE: right statistics, right spread."""

import math

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import f1_score

from mmaudit.gate.numbers.baseline import Comparison
from mmaudit.gate.numbers.resampled import calibration_error, deviation, macro_f1, noise
from mmaudit.tables.provenance import Provenance
from mmaudit.tables.run import Summary, estimate
from mmaudit.tables.store import write


def answers(rng, n, accuracy, *, label=None, luck=None, groups=None):
    label = rng.integers(0, 3, n) if label is None else label
    luck = rng.random(n) if luck is None else luck
    right = luck < accuracy
    prediction = np.where(right, label, (label + 1) % 3)
    columns = {
        "id": [f"{i:05d}" for i in range(n)],
        "condition": ["clean"] * n,
        "label": [str(v) for v in label],
        "prediction": [str(v) for v in prediction],
        "confidence": np.clip(accuracy + rng.normal(0, 0.1, n), 0.34, 1.0),
        "correct": right,
    }
    return pa.table(columns | ({"group": groups} if groups is not None else {}))


def test_macro_f1_is_that_of_sklearn():
    rng = np.random.default_rng(0)
    label, told = rng.integers(0, 4, (2, 200))
    weights = rng.poisson(1, 200).astype(float)
    ours = macro_f1(label, told, 4)(weights)
    assert ours == pytest.approx(f1_score(label, told, average="macro", sample_weight=weights))


def test_calibration_error_by_hand():
    made = calibration_error(np.array([0.9, 0.92, 0.5, 1.0]), np.array([1.0, 0.0, 1.0, 1.0]))
    # bins: {0.9, 0.92} is one of fifteen, 0.5 another, 1.0 the last with 0.99
    expected = (abs(1 - 0.9 + 0 - 0.92) + abs(1 - 0.5) + abs(1 - 1.0)) / 4
    assert made(np.ones(4)) == pytest.approx(expected)


def test_the_spread_is_that_of_repeated_draws():
    """Over 300 fresh data sets the difference spreads as the bootstrap of one says, within 15 %."""
    rng = np.random.default_rng(1)
    found, said = [], []
    for i in range(300):
        label, luck = rng.integers(0, 3, 300), rng.random(300)
        shifted = np.clip(luck + rng.normal(0, 0.05, 300), 0, 1)
        a = answers(rng, 300, 0.8, label=label, luck=luck)
        b = answers(rng, 300, 0.8, label=label, luck=shifted)
        codes = [np.array(t[c].to_pylist(), int) for t in (a, b) for c in ("label", "prediction")]
        found.append(macro_f1(*codes[:2], 3)(np.ones(300)) - macro_f1(*codes[2:], 3)(np.ones(300)))
        if i < 20:
            said.append(deviation(a, b, "macro_f1"))
    assert np.mean(said) == pytest.approx(np.std(found), rel=0.15)


def test_pairs_narrow_and_order_does_not_matter():
    rng = np.random.default_rng(2)
    label, luck = rng.integers(0, 3, 400), rng.random(400)
    a, b = (answers(rng, 400, acc, label=label, luck=luck) for acc in (0.8, 0.75))
    paired = deviation(a, b, "macro_f1")
    apart = deviation(a, answers(rng, 400, 0.75, label=label), "macro_f1")
    assert paired < 0.7 * apart
    mixed = rng.permutation(400)
    assert deviation(a.take(mixed), b.take(mixed[::-1]), "macro_f1") == pytest.approx(paired)
    assert deviation(a, a, "ece") == 0.0


def test_groups_are_drawn_whole():
    """Every sample four times: the spread is that of the groups, not half of it."""
    rng = np.random.default_rng(3)
    label, luck = rng.integers(0, 3, 200), rng.random(200)
    four = [np.tile(x, 4) for x in (label, luck)]
    groups = [str(i) for i in range(200)] * 4
    some, many = [], []
    for acc in (0.8, 0.7):
        some.append(answers(rng, 200, acc, label=label, luck=luck))
        many.append(answers(rng, 800, acc, label=four[0], luck=four[1], groups=groups))
    assert deviation(*many, "macro_f1") == pytest.approx(deviation(*some, "macro_f1"), rel=0.15)


def test_what_cannot_be_resampled_says_why():
    rng = np.random.default_rng(4)
    a, b = answers(rng, 20, 0.8), answers(rng, 19, 0.8)
    assert deviation(a, b, "ece") == "the runs have other samples"
    assert deviation(a, a.drop_columns(["confidence"]), "ece") is None


def test_what_noise_adds_to_a_calibration_error_does_not_average_out():
    """The most that is expected, sqrt(2 / pi) standard errors a bin, is a shift and no spread."""
    rng = np.random.default_rng(6)
    made = [answers(rng, n, 0.8) for n in (400, 1_600)]
    few, many = (noise(rows, "ece") for rows in made)
    assert 0 < many < few
    assert many == pytest.approx(few / 2, rel=0.2)
    assert noise(made[0], "macro_f1") == 0.0


def test_a_comparison_uses_it(tmp_path):
    rng = np.random.default_rng(5)
    label, luck = rng.integers(0, 3, 500), rng.random(500)
    sides = []
    for name, acc in (("base", 0.9), ("this", 0.8)):
        table = answers(rng, 500, acc, label=label, luck=luck)
        made = table.replace_schema_metadata(Provenance(audit="robustness").metadata())
        write(made, tmp_path / name / "robustness" / "samples" / "000000.parquet")
        e = {"value": acc, "low": acc - 0.04, "high": acc + 0.04, "n": 500}
        data = {"condition": ["clean"], "metric": ["macro_f1"], "estimate": [e], "slice": ["all"]}
        sides.append(
            Summary(tmp_path / name, "robustness", tuple(data), data, Provenance(audit="r"))
        )
    comparison = Comparison(this=sides[1], base=sides[0])
    row = sides[1].rows[0]
    values = tuple(estimate(s.rows[0]["estimate"]) for s in sides)
    made = comparison.difference(row, values, 1, 0.0)
    found = made.estimate
    assert made.note == "resampled"
    assert found.value == pytest.approx(0.1)
    assert found.high - found.value < math.hypot(0.04, 0.04) / 1.5
    relative = comparison.difference(row, values, 1, 0.05).estimate
    assert relative.value == pytest.approx(0.95 * 0.9 - 0.8)
