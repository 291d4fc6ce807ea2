"""What is called too bad for the rest of a set: seldom a clean number, often a planted one."""

import numpy as np
import pytest

from mmaudit.bounds.corrections import benjamini_hochberg
from mmaudit.measures.data.tails import FEWEST, against, discoveries, own_tail

SETS = 60
LAWS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "log-normal": lambda rng, n: np.exp(0.5 * rng.normal(size=n)),
    "gamma": lambda rng, n: rng.gamma(2, size=n),
    "two clusters": lambda rng, n: rng.normal(size=n) + 6 * (rng.random(n) < 0.3),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_clean_set_seldom_has_a_finding(law):
    """At most .08 of sets measured; with 60 sets, more than .2 happens in 1 of 1,000 at that."""
    rng = np.random.default_rng(0)
    hits = [(discoveries(own_tail(LAWS[law](rng, 1000)), 0.05)).any() for _ in range(SETS)]
    assert np.mean(hits) <= 0.2


@pytest.mark.parametrize("law", ["normal", "gamma"])
def test_what_is_planted_far_out_is_found(law):
    rng = np.random.default_rng(1)
    found, false = [], []
    for _ in range(10):
        clean = LAWS[law](rng, 1980)
        far = np.median(clean) + 2.5 * (np.quantile(clean, 0.999) - np.median(clean))
        flags = discoveries(own_tail(np.append(clean, np.full(20, far))), 0.05)
        found.append(flags[1980:].mean())
        false.append(flags[:1980].sum())
    assert np.mean(found) >= 0.7  # 1.0 of normal sets, .8 of gamma sets
    assert np.mean(false) <= 2


def test_nothing_is_said_of_few_tied_or_equal_numbers():
    rng = np.random.default_rng(2)
    for numbers in (
        rng.normal(size=FEWEST - 1),
        rng.poisson(0.5, 1000).astype(float),
        np.ones(1000),
    ):
        assert (own_tail(numbers) == 1).all()


def test_a_p_value_against_a_reference_is_the_share_that_is_as_large():
    reference, numbers = np.arange(9.0), np.array([-1.0, 8.0, 8.5, 4.0])
    assert against(reference, numbers).tolist() == [1.0, 0.2, 0.1, 0.6]


def test_a_p_value_against_a_reference_is_right_whatever_the_law():
    """P(p <= a) <= a: 4,000 draws, three standard errors."""
    rng = np.random.default_rng(3)
    p = [against(rng.standard_cauchy(99), rng.standard_cauchy(1))[0] for _ in range(4000)]
    for level in (0.02, 0.1, 0.5):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 4000)


def test_discoveries_are_those_of_the_adjusted_p_values():
    rng = np.random.default_rng(4)
    for power in (1, 3, 8):
        p = rng.random(200) ** power
        adjusted = np.array(benjamini_hochberg(list(p)))
        assert (discoveries(p, 0.05) == (adjusted <= 0.05)).all()
    assert not discoveries(np.ones(5), 0.05).any()
