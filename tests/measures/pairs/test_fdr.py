import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmaudit.measures.pairs import fdr
from mmaudit.seeds import words


def test_levels_count_both_and_point_back():
    counts, at = fdr.levels(np.array([2.0, 1.0, 2.0]), np.array([1.0, 0.5]))
    assert counts.observed.tolist() == [0, 1, 2]
    assert counts.null.tolist() == [1, 1, 0]
    assert at.tolist() == [2, 1, 2]


@pytest.mark.parametrize("bad", [[], [float("nan")]])
def test_levels_refuse_what_is_not_a_score(bad):
    with pytest.raises(ValueError, match="scores that are numbers"):
        fdr.levels(np.array(bad), np.array([1.0]))


def test_p_values_by_hand():
    counts, at = fdr.levels(np.array([0.0, 1.5, 9.0]), np.array([1.0, 2.0, 3.0]))
    assert fdr.p_values(counts)[at].tolist() == [1.0, 0.75, 0.25]


scores = st.lists(st.integers(0, 12), min_size=1, max_size=40)


@given(scores, scores)
def test_q_values_are_those_of_benjamini_and_hochberg(observed, null):
    counts, at = fdr.levels(np.array(observed, float), np.array(null, float))
    p = fdr.p_values(counts)[at]
    order = np.argsort(p, kind="stable")
    expected = np.empty(len(p))
    best = 1.0
    for rank in range(len(p), 0, -1):
        best = min(best, p[order[rank - 1]] * len(p) / rank)
        expected[order[rank - 1]] = best
    np.testing.assert_allclose(fdr.q_values(counts)[at], expected, rtol=1e-12)


@given(scores, scores)
def test_nothing_rises_that_should_fall(observed, null):
    counts, _ = fdr.levels(np.array(observed, float), np.array(null, float))
    lfdr = fdr.local_fdr(counts, 0.4)
    assert (np.diff(lfdr) <= 1e-12).all()
    assert (np.diff(fdr.q_values(counts)) <= 0).all()
    assert (np.diff(fdr.p_values(counts)) <= 0).all()
    assert lfdr.min() >= 0
    assert lfdr.max() <= 1


@given(scores, scores)
def test_rates_are_shares(observed, null):
    counts, _ = fdr.levels(np.array(observed, float), np.array(null, float))
    assert 0 <= fdr.noise_rate(counts) <= 1


def test_noise_rate_of_two_separated_halves_is_exact():
    counts, _ = fdr.levels(np.r_[np.arange(100), 1000 + np.arange(300)], np.arange(100.0))
    assert fdr.noise_rate(counts) == 0.25


def test_ties_at_the_median_do_not_bias_the_rate():
    null = np.repeat([0.0, 1.0], [30, 70])  # the median level holds the whole null
    observed = np.r_[np.tile(null, 2), np.full(600, 2.0)]
    assert fdr.noise_rate(fdr.levels(observed, null)[0]) == pytest.approx(0.25)


def test_separability_by_hand():
    counts, _ = fdr.levels(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    assert fdr.separability(counts) == (1.5 + 2) / 4


def normal_mixture(share, n, seed):
    draw = words(seed, "test/mixture")
    wrong = draw.uniforms(n) < share
    matched = 2.0 + draw.normals(n, 1)
    return np.where(wrong, draw.normals(n, 2), matched), draw.normals(n, 3), wrong


def test_local_fdr_is_the_posterior_of_two_normals():
    share, n = 0.3, 200_000
    observed, null, _ = normal_mixture(share, n, 0)
    counts, at = fdr.levels(observed, null)
    lfdr = fdr.local_fdr(counts, share)[at]
    truth = share / (share + (1 - share) * np.exp(2 * observed - 2))
    # monotone regression on 2e5 points is within about n ** (-1 / 3) = 0.017 on average
    assert np.abs(lfdr - truth).mean() < 0.02


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.5, 0.8])
def test_false_discoveries_stay_below_q(share):
    """False alarm: the mean of 20 false discovery proportions above q + 5 standard errors."""
    proportions = {q: [] for q in (0.01, 0.05, 0.1, 0.2)}
    for seed in range(20):
        observed, null, wrong = normal_mixture(share, 4000, seed)
        counts, at = fdr.levels(observed + 1.5 * (~wrong), null)
        q = fdr.q_values(counts, fdr.noise_rate(counts))[at]
        for level, found in proportions.items():
            found.append((wrong & (q <= level)).sum() / max((q <= level).sum(), 1))
    for level, found in proportions.items():
        assert np.mean(found) <= level + 5 * np.std(found) / math.sqrt(20) + 1e-12


@pytest.mark.parametrize("share", [0.0, 0.2, 0.8])
def test_one_pass_over_bins_says_what_all_scores_say(share):
    observed, null, _ = normal_mixture(share, 300_000, 3)
    stream, place = fdr.streamed(observed, null)
    exact, at = fdr.levels(observed, null)
    assert (stream.n, stream.m) == (exact.n, exact.m)
    assert fdr.noise_rate(stream) == pytest.approx(fdr.noise_rate(exact), abs=1e-4)
    assert fdr.separability(stream) == pytest.approx(fdr.separability(exact), abs=1e-6)
    rate = fdr.noise_rate(exact)
    # a bin is a tenth of a thousandth of the null's range: at most 4 in 10,000 scores at its middle
    for function, gap in ((fdr.p_values, 2e-4), (lambda c: fdr.q_values(c, rate), 1e-3)):
        np.testing.assert_allclose(function(stream)[place], function(exact)[at], atol=gap)
    lfdr = [fdr.local_fdr(c, rate)[p] for c, p in ((stream, place), (exact, at))]
    assert np.abs(lfdr[0] - lfdr[1]).mean() < 5e-4
    assert np.mean((lfdr[0] > 0.5) != (lfdr[1] > 0.5)) < 5e-4


def test_scores_beyond_the_null_and_ties_are_counted():
    stream, place = fdr.streamed(np.array([-9.0, 0.0, 0.5, 9.0, 9.0]), np.array([0.0, 0.5, 1.0]))
    assert stream.observed.sum() == 5
    assert stream.null.sum() == 3
    assert (np.diff(place.astype(int)) >= 0).all()
    assert fdr.p_values(stream)[place][[0, -1]].tolist() == [1.0, 0.25]


@pytest.mark.parametrize("bad", [[], [float("nan")]])
def test_streams_refuse_what_is_not_a_score(bad):
    with pytest.raises(ValueError, match="scores that are numbers"):
        fdr.streamed(np.array(bad), np.array([1.0, 2.0]))


def test_a_stream_keeps_no_more_than_a_bin_a_score():
    import tracemalloc

    observed, null = np.zeros(4_000_000), np.linspace(-1, 1, 1000)
    tracemalloc.start()
    fdr.streamed(observed, null)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 2 * len(observed) + 30e6
