"""Ties: which methods are told apart, and how often where all are alike."""

import numpy as np
import pytest

from mmaudit.measures.intervals.crossed import compare, squares
from mmaudit.measures.intervals.ties import _squares, apart, runs

METHODS, SAMPLES = 12, 300


def contest(rng, seeds, *, by_seed, by_method, rest, gains=None):
    """Scores of methods on samples that all of them judge, of random effects of each."""
    samples = 0.3 * rng.normal(size=(1, SAMPLES))
    gains = np.zeros(METHODS) if gains is None else gains
    return {
        str(k): gain
        + samples
        + by_seed * rng.normal(size=(seeds, 1))
        + by_method * rng.normal(size=(1, SAMPLES))
        + rest * rng.normal(size=(seeds, SAMPLES))
        for k, gain in enumerate(gains)
    }


def test_mean_squares_are_those_of_each_difference():
    scores = contest(np.random.default_rng(0), 4, by_seed=0.1, by_method=0.2, rest=0.3)
    own = squares(scores["2"] - scores["5"])
    assert np.allclose([s[2, 5] for s in _squares(scores)], [own.seeds, own.samples, own.rest])


def test_two_methods_are_apart_where_their_interval_has_no_0():
    """Of two there is one pair, whose mean square of seeds is its own."""
    rng = np.random.default_rng(1)
    for gain in np.linspace(0, 0.1, 40):
        scores = contest(rng, 5, by_seed=0.01, by_method=0.1, rest=0.2)
        two = {"0": scores["0"], "1": scores["1"] + gain}
        verdict = compare({"d": two["1"] - two["0"]}, 1e-9)["d"].verdict
        assert apart(two)[0, 1] == (verdict in {"helps", "harms"})


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize(
    "effects",
    [
        {"by_seed": 0.004, "by_method": 0.0, "rest": 0.3},
        {"by_seed": 0.004, "by_method": 0.25, "rest": 0.25},
        {"by_seed": 0.02, "by_method": 0.2, "rest": 0.3},
    ],
    ids=["alike", "other rows", "unsteady"],
)
def test_where_all_are_alike_few_families_tell_any_two_apart(seeds, effects):
    """Stated: 5 % of families. Of 200 families, 19 (9.5 %) or more by chance: 1 in 200."""
    rng = np.random.default_rng(seeds)
    wrong = sum(apart(contest(rng, seeds, **effects)).any() for _ in range(200))
    assert wrong < 19


def test_what_is_far_is_told_apart():
    gains = np.repeat([0.0, 0.2], METHODS // 2)
    scores = contest(
        np.random.default_rng(2), 5, by_seed=0.004, by_method=0.2, rest=0.2, gains=gains
    )
    separate = apart(scores)
    assert separate[:6, 6:].all()
    assert not separate[:6, :6].any()
    order = sorted(range(METHODS), key=lambda k: -scores[str(k)].mean())
    assert runs(order, separate) == [(0, 5), (6, 11)]


def test_bars_overlap_where_the_ends_alone_are_told_apart():
    separate = np.zeros((4, 4), bool)
    separate[0, 3] = separate[3, 0] = separate[0, 2] = separate[2, 0] = True
    assert runs([0, 1, 2, 3], separate) == [(0, 1), (1, 3)]
    assert runs([0], np.zeros((1, 1), bool)) == [(0, 0)]
    assert runs([], np.zeros((0, 0), bool)) == []


def test_equal_scores_are_not_told_apart():
    same = np.random.default_rng(3).normal(size=(3, 50))
    assert not apart({"a": same, "b": same.copy()}).any()
