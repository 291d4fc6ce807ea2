"""Decisions are exact at the interval's edge, and err at most as often as stated."""

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats

from mmaudit.bounds.drops import drop as dropped
from mmaudit.bounds.means import counted
from mmaudit.gate.decisions.decide import decide
from mmaudit.gate.limits import Limit, z
from mmaudit.gate.numbers.grounds import measured
from mmaudit.gate.numbers.interval import Interval, heavy_tail, widening
from mmaudit.gate.numbers.sampled import Sampled
from mmaudit.rows import Estimate

DROP = Limit("max_drop", 0.05)
HALF_ALPHA = 0.025


def outcome(estimate, limit, **more):
    return decide([(estimate, limit, None)], **more)[0].outcome


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
    told = decide([(Estimate(0.0, 0.0, 0.0, 9), DROP, None)], min_n=10, fail_when=fail_when)[0]
    assert (told.outcome, told.needed) == ("inconclusive", 10)


def test_a_higher_level_widens_and_a_lower_one_narrows():
    estimate = Estimate(0.04, 0.025, 0.049, 100)
    assert outcome(estimate, DROP, level=0.95) == "pass"
    assert outcome(estimate, DROP, level=0.999) == "inconclusive"
    assert Interval(estimate).ends(0.95) == (0.025, 0.049)
    assert Interval(estimate).ends(0.8) == (0.025, 0.049)  # no narrower than what is known


@pytest.mark.parametrize("family", [1, 8, 32, 200])
@pytest.mark.parametrize("count", [0, 1, 3, 10, 40])
def test_the_tail_of_an_interval_alone_is_heavier_than_of_any_count(family, count):
    """Half-widths of a Poisson count grow less from 2.5 % to 2.5 % / family than is assumed."""
    tail = 0.025 / family
    up = stats.chi2.isf(tail, 2 * count + 2) / 2 - count
    assert up <= widening(tail) * (stats.chi2.isf(0.025, 2 * count + 2) / 2 - count) + 1e-9
    assert heavy_tail(widening(tail)) == pytest.approx(tail)
    assert heavy_tail(1.7) == pytest.approx(stats.t.sf(1.7 * stats.t.isf(0.025, 8), 8))


def test_needed_is_the_formula():
    # sd = 1, n = 100: the half-width is 1.96 / 10
    alone = Interval(Estimate(0.1, 0.1 - z(0.95) / 10, 0.1 + z(0.95) / 10, 100))
    expected = ((1.959964 + 0.841621) / 0.05) ** 2
    assert alone.needed(DROP, tail=HALF_ALPHA, power=0.8) == math.ceil(expected)
    at = Interval(Estimate(0.05, 0, 0.1, 9))
    assert at.needed(DROP, tail=HALF_ALPHA, power=0.8) is None


@pytest.mark.parametrize(
    ("limit", "count"), [(0.8, 17), (0.9, 36), (0.95, 72), (0.98, 183), (0.99, 368), (0.999, 3688)]
)
def test_without_an_error_the_needed_number_is_that_of_the_exact_test(limit, count):
    """ln .025 / ln p; the normal formula knows no spread here."""
    seen = Sampled(counted({1.0: 10, 0.0: 0}, 0.0, 1.0))
    more = seen.needed(Limit("min", limit), tail=HALF_ALPHA, power=0.8)
    assert more == pytest.approx(count, abs=max(1, count / 500))
    lost = Sampled(dropped(0, 0, 10))
    more = lost.needed(Limit("max_drop", 1 - limit), tail=HALF_ALPHA, power=0.8)
    assert more == pytest.approx(count, abs=max(1, count / 500))


class Once:
    """What a drop rests on: thousands of gates share it, and each number is worked out once."""

    def __init__(self, lost, won, n):
        whole = Sampled(dropped(lost, won, n))
        self.data, self.counts, self.ends = whole.data, whole.counts, whole.ends
        self.p_past, self.p_within = cache(whole.p_past), cache(whole.p_within)
        self.needed = cache(whole.needed)


def member(lost, won, n):
    """A drop as the gate has it."""
    grounds = Once(lost, won, n)
    return measured(grounds), DROP, grounds


@pytest.mark.parametrize("family", [8, 20, 200])
@pytest.mark.parametrize(("lost", "n"), [(27, 300), (9, 100)])
def test_a_family_prints_the_number_that_its_correction_needs(family, lost, n):
    """One bad row: enumerated, a fresh sample of the printed size decides it in .8 or more.

    Of 20 it was .39 where the number was that of a row by itself.
    """
    decided = decide([member(lost, 0, n), *[member(0, 0, n)] * (family - 1)])[0]
    assert decided.outcome == "inconclusive"

    def power(samples):
        counts = np.arange(samples + 1)
        chance = stats.binom.pmf(counts, samples, lost / n)
        likely = counts[chance > 1e-9].tolist()
        p = [Sampled(dropped(b, 0, samples)).p_past(DROP) for b in likely]
        return chance[likely][np.array(p) <= HALF_ALPHA / family].sum()

    assert 0.8 <= power(decided.needed) < 0.98
    alone = Sampled(dropped(lost, 0, n)).needed(DROP, tail=HALF_ALPHA, power=0.8)
    assert power(alone) < power(decided.needed)


def simulate(drop, *, n=1000, gates=4000, flips=0.03, seed=1, cells=1):
    """Outcomes of gates whose samples lose with flips + drop and win with flips."""
    rng = np.random.default_rng(seed)
    lose, win = flips + drop, flips
    counts = rng.multinomial(n, [lose, win, 1 - lose - win], (gates, cells))
    members = {
        key: member(*key, n)
        for key in {(int(a), int(b)) for a, b in counts[..., :2].reshape(-1, 2)}
    }
    told = []
    for gate in counts:
        made = decide([members[int(a), int(b)] for a, b, _ in gate])
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
    """At the number printed for a drop of .02 about 80 % of gates are decided, and rightly."""
    drop, gates = 0.02, 2000
    _, _, typical = member(50, 30, 1000)
    n = typical.needed(DROP, tail=HALF_ALPHA, power=0.8)
    told = simulate(drop, n=n, gates=gates)
    assert abs((told == "pass").mean() - 0.8) < 0.03 + 5 * math.sqrt(0.16 / gates)
    assert (told == "fail").mean() <= 0.001


@pytest.mark.parametrize("n", [50, 1000])
def test_a_against_a_passes(n):
    """Two runs of equal models: a proven drop of more than nothing is rare."""
    rng = np.random.default_rng(2)
    counts = rng.multinomial(n, [0.03, 0.03, 0.94], 4000)
    limit = Limit("max_drop", 0.0)
    proven = [Sampled(dropped(int(a), int(b), n)).p_past(limit) < HALF_ALPHA for a, b, _ in counts]
    assert np.mean(proven) <= above(HALF_ALPHA, 4000)
