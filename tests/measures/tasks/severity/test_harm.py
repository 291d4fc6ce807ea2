"""Harm per dose: the slope of known lines, and how often its interval misses, simulated."""

import math

import numpy as np
import pytest

from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.tasks.severity.harm import Doses, harm

SETS = 150


def mean(values, groups=None):
    values = np.asarray(values, float)
    evidence = Mean(values, groups, *SHARE)
    return Replicates(float(values.mean()), np.zeros(2), values.size, SHARE, evidence=evidence)


def falling(shares, n=1000):
    """Accuracy on clean data and at each severity, the first samples lost last."""
    curve = {s: mean(np.arange(n) < share * n) for s, share in enumerate(shares)}
    return curve.pop(0), curve


def test_the_slope_of_a_line_is_found_whatever_the_dose_counts():
    clean, curve = falling((0.9, 0.8, 0.7, 0.5))
    rising = Doses(of={s: np.full(1000, d) for s, d in ((1, 0.2), (2, 0.4), (3, 0.8))},
                   clean=0.0, rises=True)  # fmt: skip
    slope = harm(clean, curve, rising, better="higher")
    assert slope.point == pytest.approx(0.5)
    likeness = Doses(of={s: 1 - d for s, d in rising.of.items()}, clean=1.0, rises=False)
    assert harm(clean, curve, likeness, better="higher").point == pytest.approx(0.5)
    decibels = Doses(of={s: 30 - 10 * d for s, d in rising.of.items()}, clean=None, rises=False)
    assert harm(clean, curve, decibels, better="higher").point == pytest.approx(0.05)
    assert harm(clean, curve, rising, better="lower").point == pytest.approx(-0.5)


def test_one_severity_is_enough_where_the_clean_dose_is_known():
    clean, curve = falling((0.9, 0.7))
    of = {1: np.full(1000, 0.4)}
    known = harm(clean, curve, Doses(of=of, clean=0.0, rises=True), better="higher")
    assert known.point == pytest.approx(0.5)
    unknown = Doses(of=of, clean=None, rises=False)
    assert harm(clean, curve, unknown, better="higher") is None


def test_samples_without_a_dose_count_in_neither():
    clean, curve = falling((1.0, 0.5))
    dose = np.where(np.arange(1000) < 500, np.nan, 0.5)  # those that were not lost have none
    slope = harm(clean, curve, Doses(of={1: dose}, clean=0.0, rises=True), better="higher")
    assert slope.point == pytest.approx(2.0)
    assert slope.n == 500


def test_doses_that_are_not_told_apart_have_no_slope():
    clean, curve = falling((0.9, 0.8))
    rng = np.random.default_rng(0)
    doses = Doses(of={1: rng.normal(0.001, 1, 1000)}, clean=0.0, rises=True)
    assert harm(clean, curve, doses, better="higher") is None


def drawn(rng, n, size):
    """Doses that spread over a factor of ten, and answers that are lost by them."""
    groups = np.repeat(np.arange(n // size), size) if size > 1 else None
    own = np.arange(n) if groups is None else groups
    base, fate = rng.lognormal(0, 0.6, n)[own], rng.random(n)[own]
    right = rng.random(n) < 0.9
    of = {s: base * d for s, d in ((1, 0.1), (3, 0.2), (5, 0.4))}
    curve = {s: mean(right & (fate >= 1 - np.exp(-(d**1.2))), groups) for s, d in of.items()}
    return harm(mean(right, groups), curve, Doses(of=of, clean=0.0, rises=True), better="higher")


@pytest.mark.parametrize(("n", "size"), [(150, 1), (240, 4)])
def test_each_end_misses_at_most_as_often_as_stated(n, size):
    """In .000 to .022 of 600 sets a side, n 60 to 1,000; here 150, and three s.e. are allowed."""
    truth = drawn(np.random.default_rng(1), 400_000, size).point
    rng = np.random.default_rng(5)
    found = [drawn(rng, n, size).estimate() for _ in range(SETS)]
    most = 0.025 + 3 * math.sqrt(0.025 * 0.975 / SETS)
    assert np.mean([e.low > truth for e in found]) <= most
    assert np.mean([e.high < truth for e in found]) <= most
    assert np.mean([e.low > 0 for e in found]) > (0.9 if size == 1 else 0.2)  # and says something
