"""Crossed: closed forms, and how often a verdict is wrong where nothing is there."""

import numpy as np
import pytest

from mmaudit.measures.intervals.crossed import compare, mean, of_groups, squares

METHODS, SAMPLES = 12, 300


def differences(rng, seeds, *, by_seed, by_sample, rest, gain=0.0):
    """One method's, of random effects of seeds and of samples."""
    shape = (seeds, SAMPLES)
    effects = by_seed * rng.normal(size=(seeds, 1)) + by_sample * rng.normal(size=(1, SAMPLES))
    return gain + effects + rest * rng.normal(size=shape)


def test_mean_squares_are_those_of_a_table_in_two_ways():
    rng = np.random.default_rng(0)
    d = rng.normal(size=(4, 7))
    own = squares(d)
    total = ((d - d.mean()) ** 2).sum()
    assert np.isclose(3 * own.seeds + 6 * own.samples + 18 * own.rest, total)


def test_with_no_effect_of_seeds_the_interval_is_that_of_samples():
    by_sample = np.random.default_rng(1).normal(size=SAMPLES)
    d = np.tile(by_sample, (5, 1))
    estimate = mean(d)
    error = by_sample.std(ddof=1) / np.sqrt(SAMPLES)
    assert np.isclose(estimate.high - estimate.low, 2 * 1.9679 * error, rtol=2e-3)


def test_groups_weigh_as_their_samples():
    d = np.random.default_rng(2).normal(size=(3, 10))
    groups = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3])
    assert np.allclose(of_groups(d, groups).mean(1), d.mean(1))


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize(
    "effects",
    [
        {"by_seed": 0.004, "by_sample": 0.0, "rest": 0.3},
        {"by_seed": 0.004, "by_sample": 0.25, "rest": 0.25},
        {"by_seed": 0.02, "by_sample": 0.2, "rest": 0.3},
    ],
    ids=["alike", "other rows", "unsteady"],
)
def test_where_nothing_is_there_few_families_have_a_method_that_helps(seeds, effects):
    """Stated: 2.5 % of families on one side. Of 200 families, 12 (6 %) or more by chance: 1 in 200."""
    rng, helps = np.random.default_rng(seeds), 0
    for _ in range(200):
        family = {str(k): differences(rng, seeds, **effects) for k in range(METHODS)}
        helps += any(g.verdict == "helps" for g in compare(family, 0.02).values())
    assert helps < 12


def test_what_is_there_is_shown():
    rng = np.random.default_rng(3)
    effects = {"by_seed": 0.004, "by_sample": 0.2, "rest": 0.2}
    family = {str(k): differences(rng, 5, **effects) for k in range(METHODS - 1)}
    gains = compare(family | {"better": differences(rng, 5, **effects, gain=0.1)}, 0.02)
    assert gains["better"].verdict == "helps"
    assert gains["better"].estimate.low > 0


def test_a_method_that_is_far_less_steady_is_judged_by_itself():
    rng = np.random.default_rng(4)
    steady = {str(k): differences(rng, 5, by_seed=0.001, by_sample=0.1, rest=0.1) for k in range(9)}
    wild = differences(rng, 5, by_seed=0.2, by_sample=0.1, rest=0.1)
    gains = compare(steady | {"wild": wild}, 0.02)
    assert gains["wild"].estimate.high - gains["wild"].estimate.low > 0.5
    assert gains["wild"].needs is None  # no number of samples does what more seeds would


def test_the_samples_that_are_needed_are_about_enough():
    rng = np.random.default_rng(5)
    d = differences(rng, 5, by_seed=0.0, by_sample=0.3, rest=0.1)
    needs = compare({"one": d}, 0.02)["one"].needs
    assert needs is not None
    assert np.isclose(needs, (1.97 + 0.84) ** 2 * 0.3**2 / max(abs(d.mean()), 0.02) ** 2, rtol=0.3)


def test_no_number_of_samples_is_said_that_nobody_has():
    """Where seeds alone leave hardly any room."""
    rng = np.random.default_rng(6)
    for by_seed in np.linspace(0.001, 0.05, 200):
        d = differences(rng, 3, by_seed=by_seed, by_sample=0.1, rest=0.1)
        needs = compare({"one": d, "other": d}, 0.02)["one"].needs
        assert needs is None or needs <= 1e9
    none = compare({"one": np.zeros((3, 20))}, 0.02)["one"]
    assert none.verdict == "no shown difference"


def test_an_interval_alone_is_that_of_one_method_of_one_family():
    """Whatever stands beside it, no correction widens it."""
    rng = np.random.default_rng(0)
    d = {name: rng.normal(size=(4, 50)) for name in "abc"}
    one = compare(d, 0.1, alone=True)
    corrected = compare(d, 0.1, 5)
    for name in d:
        whole, own = (c[name].estimate.high - c[name].estimate.value for c in (corrected, one))
        assert own < whole
    level = 1 - 0.05 * len(d)  # of all together, of which each has one part
    assert compare(d, 0.1, level=level)["a"].estimate == one["a"].estimate
