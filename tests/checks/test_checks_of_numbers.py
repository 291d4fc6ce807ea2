"""Checks of vectors, series and rows of tables: closed forms, and what must not change a number."""

import math

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.checks.vector import outlier
from mmaudit.testing.clean_values import clean_values


def check(name):
    return parts.load("checks", name).CHECK


def number(name, value, learnt=None):
    own = check(name)
    return own.measure(own.view(value, 0.0), *([] if learnt is None else [learnt]))


def learnt(name, values):
    own = check(name)
    return own.learn(own.view(value, 0.0) for value in values)


@pytest.fixture(scope="module")
def vectors():
    return clean_values("vector", 400)


def test_a_typical_vector_is_about_one_standard_deviation_away(vectors):
    law = learnt("vector/outlier", vectors)
    distances = [number("vector/outlier", v, law) for v in vectors]
    assert np.median(distances) == pytest.approx(0.9, abs=0.1)


def test_what_breaks_how_numbers_go_together_is_far_though_each_is_usual(vectors):
    law = learnt("vector/outlier", vectors)
    mixed = np.array([vectors[i][i] for i in range(24)])  # each number of another vector
    assert number("vector/outlier", mixed, law) > max(
        number("vector/outlier", v, law) for v in vectors
    )


def test_the_law_is_that_of_scikit_learn(vectors):
    from sklearn.covariance import ledoit_wolf_shrinkage

    rows = np.random.default_rng(4).normal(size=(60, 24)) @ np.diag(np.linspace(0.5, 2, 24))
    rows -= rows.mean(0)
    raw = rows.T @ rows / len(rows)
    amount = ledoit_wolf_shrinkage(rows, assume_centered=True)
    wanted = (1 - amount) * raw + amount * np.trace(raw) / 24 * np.eye(24)
    np.testing.assert_allclose(outlier._shrunk(rows), wanted, rtol=1e-9)


def test_a_few_bad_vectors_do_not_move_the_law(vectors):
    bad = [v + 50 for v in vectors[:12]]
    law, spoilt = (learnt("vector/outlier", values) for values in (vectors, [*vectors, *bad]))
    for v in vectors[:5]:
        after = number("vector/outlier", v, spoilt)
        assert after == pytest.approx(number("vector/outlier", v, law), rel=0.25)
    assert number("vector/outlier", bad[0], spoilt) > 3


def test_many_numbers_and_constant_ones_have_a_law():
    rng = np.random.default_rng(5)
    wide = rng.normal(size=(120, 1500)).astype(np.float32)
    wide[:, 7] = 3
    law = learnt("vector/outlier", wide)
    assert number("vector/outlier", wide[0], law) == pytest.approx(1, abs=0.15)
    narrow = np.ones((120, 4), np.float32)
    assert number("vector/outlier", narrow[0], learnt("vector/outlier", narrow)) == 0


def test_a_vector_of_another_length_has_no_number(vectors):
    for name in ("vector/outlier", "vector/out_of_range"):
        assert math.isnan(number(name, vectors[0][:5], learnt(name, vectors)))


def test_shares_are_what_they_say(vectors):
    assert number("vector/zeros", np.array([0, 1, 0, 2], np.float32)) == 0.5
    assert number("vector/norm", np.array([3, 4], np.float32)) == pytest.approx(5 / math.sqrt(2))
    usual = learnt("vector/out_of_range", vectors)
    outside = vectors[0].copy()
    outside[:6] = 100
    assert number("vector/out_of_range", outside, usual) == 6 / 24
    series = np.arange(40, dtype=np.float32).reshape(20, 2)
    assert number("series/length", series) == 20
    series[5:15, 0] = 7
    assert number("series/constant_run", series) == 10 / 40
    series[5:9, 0] = 0
    assert number("series/zeros", series) == 5 / 40
    assert number("series/constant_run", series) == 6 / 40


def test_noise_is_rough_and_a_slow_wave_is_not():
    noise = np.random.default_rng(6).normal(size=(4000, 2)).astype(np.float32)
    assert number("series/roughness", noise) == pytest.approx(1, abs=0.05)
    wave = np.sin(np.arange(4000) / 50)[:, None].astype(np.float32)
    assert number("series/roughness", wave) < 0.001
    assert math.isnan(number("series/roughness", 0 * wave))


def test_spikes_are_counted_and_steps_are_none():
    wave = np.sin(np.arange(400) / 20)[:, None].astype(np.float32)
    assert number("series/outliers", wave) == 0
    assert number("series/outliers", np.where(wave > 0, 1, -1).astype(np.float32)) == 0
    wave[5::40] += 5
    assert number("series/outliers", wave) == 10 / 400


def row(*cells):
    return np.array(cells, object)


def test_a_row_is_held_against_its_columns():
    rng = np.random.default_rng(7)
    rows = [row(float(rng.normal(10, 2)), "ab"[i % 2], None) for i in range(300)]
    rows.append(row(11.0, "odd", None))
    ranges, shares = learnt("table/out_of_range", rows), learnt("table/rare_category", rows)
    assert number("table/out_of_range", row(10.0, "a", None), ranges) == 0
    assert number("table/out_of_range", row(30.0, "a", None), ranges) == 1
    assert math.isnan(number("table/out_of_range", row(None, "a", None), ranges))
    assert number("table/outlier", row(20.0, "a", None), ranges) == pytest.approx(5, rel=0.2)
    assert number("table/rare_category", rows[-1], shares) == pytest.approx(1 / 301)
    assert number("table/rare_category", row(1.0, "new", None), shares) == 0
    assert number("table/missing_cells", rows[0]) == pytest.approx(1 / 3)


def test_a_column_of_names_has_no_rare_category():
    rows = [row(f"name {i}", 1.0) for i in range(200)]
    assert math.isnan(number("table/rare_category", rows[0], learnt("table/rare_category", rows)))
