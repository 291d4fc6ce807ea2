"""Somers' D by its definition, its interval by simulation, and what a verdict makes of it."""

import numpy as np
import pytest

from mmaudit.measures.trust.adaptivity import (
    RankEffect,
    needed,
    rank_effect,
    rank_effect_of_seeds,
    verdict,
)


def keys(n):
    return np.arange(n, dtype=np.uint64)


def by_definition(dose, change):
    up = np.sign(dose[:, None] - dose) * np.sign(change[:, None] - change)
    return up.sum() / (dose[:, None] != dose).sum()


def test_it_is_the_mean_over_pairs():
    rng = np.random.default_rng(0)
    dose = rng.integers(0, 6, 200)
    change = np.round(rng.normal(size=200) - 0.2 * dose, 1)  # with ties
    measured = rank_effect(dose, change, keys(200))
    assert measured.value == pytest.approx(by_definition(dose, change), abs=1e-12)
    assert (-measured).value == -measured.value


def test_its_error_is_that_of_leaving_one_out():
    """By influences, as by the jackknife to a percent."""
    rng = np.random.default_rng(1)
    dose, change = rng.integers(0, 6, 150), rng.normal(size=150)
    rest = [
        rank_effect(np.delete(dose, i), np.delete(change, i), keys(149)).value for i in range(150)
    ]
    jackknife = np.sqrt(149 / 150 * ((rest - np.mean(rest)) ** 2).sum())
    assert rank_effect(dose, change, keys(150)).error == pytest.approx(jackknife, rel=0.01)


def test_what_does_not_move_is_an_effect_of_nothing():
    still = rank_effect(np.arange(300) % 6, np.zeros(300), keys(300))
    low, high = still.ends()
    assert still.value == 0
    assert low < 0 < high
    assert verdict(still) == "indifferent"
    tiny = rank_effect(np.arange(300) % 6, 1e-6 * (np.arange(300) % 6), keys(300))
    assert tiny.value == 0  # a change of less than one in ten thousand is none


def test_few_that_move_may_be_more_than_were_seen():
    """One of 60 moved: as many as 6 % of others may, and the interval knows it."""
    change = np.zeros(60)
    change[5] = -0.5
    low, high = rank_effect(np.arange(60) % 6, change, keys(60)).ends()
    assert low < -0.1
    assert high > 0.05


def test_doses_that_are_all_alike_say_nothing():
    alike = rank_effect(np.full(50, 3), np.arange(50.0), keys(50))
    assert np.isnan(alike.value)
    assert alike.ends() == (-1, 1)


@pytest.mark.parametrize(("n", "group"), [(60, 1), (200, 1), (300, 5)])
def test_it_errs_as_often_as_it_says(n, group):
    """Nothing moves on average, though it spreads with the dose: 2.5 % a side, three s.e. more."""
    rng, sets, past = np.random.default_rng(2), 600, np.zeros(2)
    units = np.repeat(np.arange(n // group, dtype=np.uint64), group)
    for _ in range(sets):
        dose = np.repeat(rng.integers(0, 6, n // group), group)
        common = np.repeat(rng.normal(size=n // group), group)
        change = (common + rng.normal(size=n)) * (0.02 + 0.05 * dose)
        low, high = rank_effect(dose, change, units).ends()
        past += low > 0, high < 0
    most = 0.025 + 3 * np.sqrt(0.025 * 0.975 / sets)
    assert (past / sets <= most).all(), past / sets
    assert (past > 0).all()  # and is not so wide that it never errs


def test_a_verdict_obeys_its_interval():
    assert verdict(RankEffect(0.4, 0.05, 200)) == "follows quality"
    assert verdict(RankEffect(-0.4, 0.05, 200)) == "follows the wrong way"
    assert verdict(RankEffect(0.01, 0.02, 900)) == "indifferent"
    unsure = RankEffect(0.12, 0.08, 200)
    assert verdict(unsure) == "cannot be told"
    assert verdict(RankEffect(0.2, 0.08, 200)) == "follows quality"
    assert verdict(RankEffect(0.2, 0.08, 200), modalities=6) == "cannot be told"
    assert needed(unsure) > 200


def test_so_many_units_as_it_says_decide():
    """The same effect and spread, measured on as many units as were said to be needed."""
    for value in (0.0, 0.04, 0.15, 0.3):
        unsure = RankEffect(value, 0.9 / np.sqrt(60), 60)
        if verdict(unsure) != "cannot be told":
            continue
        n = needed(unsure)
        more = RankEffect(value, 0.9 / np.sqrt(1.1 * n), int(1.1 * n))
        assert verdict(more) != "cannot be told", (value, n)


def test_seeds_that_agree_say_what_one_says():
    rng = np.random.default_rng(0)
    dose, keys = np.tile([0, 3, 5], 80), np.repeat(np.arange(80), 3).astype(np.uint64)
    change = np.where(dose > 0, -0.05 * dose + rng.normal(0, 0.3, 240), 0.0)
    one, several = (
        rank_effect(dose, change, keys),
        rank_effect_of_seeds(dose, np.tile(change, (3, 1)), keys),
    )
    assert np.isclose(one.value, several.value)
    assert np.allclose(one.ends(), several.ends(), atol=1e-4)


def test_seeds_that_differ_widen_the_interval_by_what_they_differ():
    """In sets whose seeds have effects of their own, the mean of all seeds is held as often as said."""
    rng, held, sets = np.random.default_rng(1), 0, 200
    dose, keys = np.tile([0, 5], 60), np.repeat(np.arange(60), 2).astype(np.uint64)
    for _ in range(sets):
        slope = rng.normal(0, 0.2, (4, 1))  # seeds as likely trust it less as more
        sample = np.repeat(rng.normal(0, 0.5, 60), 2)
        changes = np.where(dose > 0, slope + sample + rng.normal(0, 0.2, (4, 120)), 0.0)
        low, high = rank_effect_of_seeds(dose, changes, keys).ends()
        held += low <= 0 <= high
    assert held / sets >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / sets)
