"""Decisions are exact at the interval's edge, and err at most as often as stated."""

import math

import numpy as np
import pytest

from mmaudit.gate.decide import Limit, at_level, decide, needed, z
from mmaudit.gate.numbers.paired import of_shares
from mmaudit.rows import Estimate

DROP = Limit("max_drop", 0.05)
HALF_ALPHA = 0.025


def outcome(estimate, limit, **more):
    return decide([(estimate, limit)], **more)[0].outcome


@pytest.mark.parametrize(
    ("estimate", "limit", "expected"),
    [
        (Estimate(0.1, 0.06, 0.14, 100), DROP, "fail"),
        (Estimate(0.02, 0.0, 0.04, 100), DROP, "pass"),
        (Estimate(0.02, 0.0, 0.05, 100), DROP, "pass"),
        (Estimate(0.04, 0.02, 0.06, 100), DROP, "inconclusive"),
        (Estimate(0.06, 0.04, 0.08, 100), DROP, "inconclusive"),
        (Estimate(0.9, 0.85, 0.95, 100), Limit("min", 0.8), "pass"),
        (Estimate(0.7, 0.65, 0.75, 100), Limit("min", 0.8), "fail"),
        (Estimate(0.79, 0.7, 0.88, 100), Limit("min", 0.8), "inconclusive"),
        (Estimate(0.0, 0.0, 0.0, 100), Limit("max", 0.0), "pass"),
        (Estimate(0.1, 0.1, 0.1, 100), Limit("max", 0.0), "fail"),
        (Estimate(0.0, -math.inf, math.inf, 1), DROP, "inconclusive"),
    ],
)
def test_three_outcomes(estimate, limit, expected):
    assert outcome(estimate, limit) == expected


def test_what_a_straddling_interval_means_is_chosen():
    estimate = Estimate(0.04, 0.02, 0.06, 100)
    assert outcome(estimate, DROP, fail_when="possible") == "fail"
    assert outcome(estimate, DROP, fail_when="proven") == "pass"
    assert outcome(estimate, DROP, fail_when="point") == "pass"
    assert outcome(Estimate(0.06, 0.02, 0.09, 100), DROP, fail_when="point") == "fail"


@pytest.mark.parametrize("fail_when", ["undecided", "point", "possible", "proven"])
def test_too_few_samples_are_never_an_answer(fail_when):
    told = decide([(Estimate(0.0, 0.0, 0.0, 9), DROP)], min_n=10, fail_when=fail_when)[0]
    assert (told.outcome, told.needed) == ("inconclusive", 10)


def test_a_higher_level_widens_and_a_lower_one_narrows():
    estimate = Estimate(0.04, 0.025, 0.049, 100)
    assert outcome(estimate, DROP, level=0.95) == "pass"
    assert outcome(estimate, DROP, level=0.999) == "inconclusive"
    assert at_level(at_level(estimate, 0.99), 0.95) != estimate
    assert at_level(estimate, 0.95) == estimate


def test_needed_is_the_formula():
    # sd = 1, n = 100: the half-width is 1.96 / 10
    estimate = Estimate(0.1, 0.1 - z(0.95) / 10, 0.1 + z(0.95) / 10, 100)
    expected = ((1.959964 + 0.841621) / 0.05) ** 2
    assert needed(estimate, DROP, level=0.95, power=0.8) == math.ceil(expected)
    assert needed(Estimate(0.05, 0, 0.1, 9), DROP, level=0.95, power=0.8) is None


def simulate(drop, *, n=1000, gates=4000, flips=0.03, seed=1, cells=1):
    """Outcomes of gates whose samples lose with flips + drop and win with flips."""
    rng = np.random.default_rng(seed)
    lose, win = flips + drop, flips
    counts = rng.multinomial(n, [lose, win, 1 - lose - win], (gates, cells))
    told = []
    for gate in counts:
        made = decide([(of_shares(int(a), int(b), n), DROP) for a, b, _ in gate])
        told.append([d.outcome for d in made])
    return np.array(told)


def above(rate, gates):
    """Five standard errors above a rate."""
    return rate + 5 * math.sqrt(rate * (1 - rate) / gates)


@pytest.mark.parametrize("n", [60, 300, 3000])
def test_type_one_error_at_the_limit(n):
    """At the limit each wrong answer has at most its half of alpha, whatever n is."""
    told = simulate(0.05, n=n)
    for wrong in ("fail", "pass"):
        assert (told == wrong).mean() <= above(HALF_ALPHA, len(told)), wrong


def test_a_family_errs_as_often_as_one():
    """Ten independent cells at the limit: Holm keeps any false failure within half of alpha."""
    told = simulate(0.05, n=2000, cells=10, gates=2000)
    assert (told == "fail").any(1).mean() <= above(HALF_ALPHA, len(told))
    assert (told == "pass").all(1).mean() <= above(HALF_ALPHA, len(told))


def test_without_correction_the_family_would_err():
    """The negative control: the same gates judged one cell at a time."""
    told = simulate(0.05, n=2000, gates=20_000)[:, 0].reshape(2000, 10)
    assert (told == "fail").any(1).mean() > above(HALF_ALPHA, len(told))


def test_power_is_as_printed():
    """At the needed n for the true spread, about 80 % of gates are decided, and rightly."""
    drop, flips, gates = 0.02, 0.03, 4000
    sd = math.sqrt(2 * flips + drop - drop**2)
    half = z(0.95) * sd / math.sqrt(1000)
    n = needed(Estimate(drop, drop - half, drop + half, 1000), DROP, level=0.95, power=0.8)
    told = simulate(drop, n=n, gates=gates)
    assert abs((told == "pass").mean() - 0.8) < 0.02 + 5 * math.sqrt(0.16 / gates)
    assert (told == "fail").mean() <= 0.001


@pytest.mark.parametrize("n", [50, 1000])
def test_a_against_a_passes(n):
    """Two runs of equal models: a proven drop of more than nothing is rare."""
    rng = np.random.default_rng(2)
    counts = rng.multinomial(n, [0.03, 0.03, 0.94], 4000)
    limit = Limit("max_drop", 0.0)
    told = [outcome(of_shares(int(a), int(b), n), limit, fail_when="proven") for a, b, _ in counts]
    assert np.mean([t == "pass" for t in told]) >= 0.95
