"""Bounds of the rate: by hand, and held over simulations whose false-alarm rate is stated."""

import numpy as np
import pytest
from scipy.stats import binom

from mmaudit.measures.pairs.evidence import mismatch_rates as rates
from mmaudit.rows import Estimate

N = 1000
ONES = (1.0,) * len(rates.GRID)


def mixed(share, seed, n=N, null=4 * N, apart=4):
    """Positions of random mismatches and of matched pairs, all recognised unless told nearer."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(n) < share
    score = np.where(wrong, rng.normal(size=n), apart + rng.normal(size=n))
    strange = np.sort(rng.normal(size=null))
    return (np.searchsorted(strange, score) + 1) / (null + 1), wrong


def test_the_upper_bound_of_no_mismatch_by_hand():
    size = rates.size(N, N, ONES, 10**9)
    tail = 0.7 * 0.025
    assert rates.upper(np.ones(N), size) == pytest.approx(2 * (1 - tail ** (1 / N)), rel=1e-3)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.5, 0.8])
def test_both_bounds_hold(share):
    """Each errs in at most 2.5 %: more than 16 of 200 has a probability below 1e-5."""
    missed = np.zeros(2)
    for seed in range(200):
        position, wrong = mixed(share, seed)
        size = rates.size(N, N, ONES, 4 * N)
        low = rates.lower([rates.Portion(position, size)])
        missed += rates.upper(position, size) < wrong.mean(), low > max(wrong.mean(), 1 / N)
    assert binom.sf(16, 200, 0.025) < 1e-4
    assert (missed <= 16).all()


@pytest.mark.parametrize("n", [100, 150, 240, 300])
@pytest.mark.parametrize("apart", [1.2, 1.7, 2.2])
def test_the_lower_bound_holds_where_matched_pairs_look_like_strangers(n, apart):
    """As above. Below 250 pairs it missed in up to all of the sets."""
    missed, size = 0, rates.size(n, n, ONES, 4 * n)
    for seed in range(200):
        position, wrong = mixed(0.05, seed, n, 4 * n, apart)
        missed += rates.lower([rates.Portion(position, size)]) > max(wrong.mean(), 1 / n)
    assert missed <= 16


def test_fewer_units_mean_wider_bounds():
    position, _ = mixed(0.2, 0)
    few, many = (rates.size(N, units, ONES, 4 * N) for units in (200, N))
    assert rates.upper(position, few) > rates.upper(position, many)
    middle = [rates.lower([rates.Portion(position, size, (0.5,))]) for size in (few, many)]
    assert middle[0] < middle[1]


def test_shared_values_have_a_design_effect_and_single_ones_have_none():
    rng = np.random.default_rng(0)
    low = (rng.random(100) < 0.5).astype(float)
    assert rates.design_effect(low, np.arange(100), np.arange(100)) == pytest.approx(1.0)
    copied = np.repeat(low, 5)
    assert rates.design_effect(
        copied, np.repeat(np.arange(100), 5), np.arange(500)
    ) == pytest.approx(5.0)


def test_pairs_that_are_weakly_related_are_graded_and_mismatches_are_flat():
    """Two standard errors: of flat ones 2.5 %; more than 10 of 100 has a probability below 1e-4."""
    rng = np.random.default_rng(0)
    assert sum(rates.graded(mixed(0.3, seed)[0], N) for seed in range(100)) <= 10
    strange = np.sort(rng.normal(size=4 * N))
    weak = (np.searchsorted(strange, 1.0 + rng.normal(size=N)) + 1) / (4 * N + 1)
    assert rates.graded(weak, N)


def test_the_smallest_part_speaks_for_the_lower_bound():
    size = rates.size(N, N, ONES, 4 * N)
    clear, dim = mixed(0.0, 0)[0], mixed(0.5, 1)[0]
    assert rates.lower([rates.Portion(dim, size)]) > 0.3
    assert rates.lower([rates.Portion(dim, size), rates.Portion(clear, size)]) < 0.01
    assert rates.cautious([rates.Portion(dim, size), rates.Portion(clear, size)]) < 0.02
    assert rates.cautious([rates.Portion(dim, size)]) > 0.4


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_the_share_of_mismatches_of_a_list_is_predicted(share):
    """The interval covers 95 % at least: fewer than 172 of 200 has a probability below 1e-6."""
    covered = 0
    for seed in range(200):
        position, wrong = mixed(share, seed)
        kept = position > 0.9
        size = rates.size(N, N, ONES, 4 * N)
        bound = Estimate(
            rates.rate(position),
            rates.lower([rates.Portion(position, size)]),
            rates.upper(position, size),
            N,
        )
        told = rates.mismatches(int(kept.sum()), 0.1, bound, N, 4 * N)
        covered += told.low <= wrong[kept].mean() <= told.high
    assert covered >= 172
