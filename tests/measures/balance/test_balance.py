"""Measures of balance between modalities, each against a closed form."""

import math

import numpy as np
import pytest
from scipy import stats

import many_games
from mmaudit.measures.balance.alignment import alignment
from mmaudit.measures.balance.cal_contribution import cal_contributions
from mmaudit.measures.balance.dependence import inverse_entropy_shares, mismatches
from mmaudit.measures.balance.discrepancy import discrepancy_ratios
from mmaudit.measures.balance.modality_gap import modality_gap
from mmaudit.measures.balance.off_data import off_data
from mmaudit.measures.balance.overfitting import overfitting_ratio
from mmaudit.measures.balance.partial_information import partial_information
from mmaudit.measures.balance.weight_loss import covariance
from mmaudit.measures.games.copies import copies
from mmaudit.measures.games.interactions import solved
from mmaudit.measures.games.shares import gini, shares
from mmaudit.measures.games.utilisation import conditional_utilisation
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.intervals.evidence import Mean, alike
from mmaudit.measures.intervals.mcnemar import mcnemar
from mmaudit.measures.intervals.replicates import SHARE, Replicates


def told(*values):
    """A statistic whose draws are its values, the first one being the point."""
    return Replicates(values[0], np.array(values, float), 50)


def test_shares_and_gini():
    sizes = [told(3.0, 0.0), told(1.0, 0.0), told(0.0, 5.0)]
    assert [s.point for s in shares(sizes)] == pytest.approx([0.75, 0.25, 0])
    assert [s.draws[1] for s in shares(sizes)] == [0, 0, 1]
    # mean absolute difference over all pairs (3 + 2 + 1) · 2 / (2 · 2 · 4)
    assert gini(sizes).point == pytest.approx(0.75)
    assert gini(sizes).draws[1] == pytest.approx(1)
    assert gini([told(2.0)] * 4).point == 0


def test_discrepancy_ratio():
    ratios = discrepancy_ratios([told(0.8), told(0.2), told(0.6)])
    assert [r.point for r in ratios] == pytest.approx([0.8 / 0.4, 0.2 / 0.7, 0.6 / 0.5])
    first, second = discrepancy_ratios([told(0.9), told(0.3)])
    assert first.point * second.point == pytest.approx(1)


def test_a_ratio_to_a_modality_that_is_rarely_right_keeps_its_error():
    """What draws say was past the truth in .054 of such sets, and four times as wide."""
    rng, sets, n, rare = np.random.default_rng(5), 200, 60, 0.05
    strong = np.where(rng.random((sets, n)) < 0.7, 0.95, 0.05)
    weak = np.where(rng.random((sets, n)) < rare, 0.95, 0.01)
    truth, past = (0.7 * 0.95 + 0.3 * 0.05) / (rare * 0.95 + (1 - rare) * 0.01), np.zeros(2)
    for pair in zip(strong, weak, strict=True):
        none, rows = np.full(2, np.nan), np.ones(n, bool)
        means = [Replicates(p.mean(), none, n, SHARE, Mean(p, None, 0.0, 1.0, rows)) for p in pair]
        first, second = (one.estimate() for one in discrepancy_ratios(means))
        assert (1 / first.high, 1 / first.low) == pytest.approx((second.low, second.high), rel=1e-6)
        past += first.low > truth, first.high < truth
    assert (past / sets <= 0.025 + 2 * np.sqrt(0.025 * 0.975 / sets)).all()


def test_modalities_of_other_samples_are_not_paired():
    """As many samples have the one as the other, and not the same ones."""
    p, rows = np.full(30, 0.5), np.arange(40) < 30
    both = [Mean(p, None, 0.0, 1.0, there) for there in (rows, rows[::-1])]
    assert alike(both) is None
    assert alike([both[0], both[0]]) == [both[0]] * 2


def test_dependence_is_inverse_to_entropy():
    deserved = inverse_entropy_shares([told(1.0), told(1.0)])
    assert [r.point for r in deserved] == pytest.approx([0.5, 0.5])
    deserved = inverse_entropy_shares([told(0.6), told(0.4)])
    assert [r.point for r in deserved] == pytest.approx([0.4, 0.6])
    # no entropy counts for less than .3 of the total: .95 and .3
    deserved = inverse_entropy_shares([told(0.95), told(0.05)])
    assert deserved[0].point == pytest.approx((1 / 0.95) / (1 / 0.95 + 1 / 0.3))
    off = mismatches([told(3.0), told(1.0)], [told(0.6), told(0.4)])
    assert [m.point for m in off] == pytest.approx([0.35, -0.35])


def test_cal_contribution():
    weights = cal_contributions([told(0.4), told(0.1)], [told(0.0), told(math.log(4))], 4)
    # information 1 and 0, confidence 1 and 0: softmax of 4 · (1, 0)
    assert weights[0].point == pytest.approx(math.exp(4) / (math.exp(4) + 1))
    even = cal_contributions([told(0.2)] * 3, [told(0.3)] * 3, 4)
    assert [w.point for w in even] == pytest.approx([1 / 3] * 3)


def test_conditional_utilisation():
    assert conditional_utilisation(told(0.8), told(0.6)).point == pytest.approx(0.25)
    assert not math.isfinite(conditional_utilisation(told(0.8, 0.0), told(0.6, 0.6)).draws[1])


def test_overfitting_ratio():
    found = overfitting_ratio(told(0.5), told(1.0), 10)
    assert found.point == pytest.approx(0.5 / (math.log(10) - 1))
    assert math.isnan(overfitting_ratio(told(0.5), told(5.0), 10).point)


def test_copies_are_those_of_the_paper():
    """-1/2: 3, 0: 2, 1/2: 1, 1 and 3/2: none; a modality that is absent is not repeated."""
    assert copies(np.array([-0.5, 0, 0.5, 1, 1.5, math.nan])).tolist() == [3, 2, 1, 0, 0, 0]


def test_covariance_from_means():
    w, loss = np.random.default_rng(0).normal(size=(2, 30))
    found = covariance(told((w * loss).mean()), told(w.mean()), told(loss.mean()))
    assert found.point == pytest.approx(np.cov(w, loss, bias=True)[0, 1])


def test_a_covariance_errs_as_stated_on_either_side():
    """Of 60 samples, of which those few make it where the model is wrong; .047 before."""

    def columns(rng, n):
        labels, answers = many_games.answered(rng, n)
        p = np.stack([a[np.arange(n), labels] for a in answers])
        sizes, loss = np.abs(solved(p).phi), -np.log(p[2])
        share = sizes[:, 1] / sizes.sum(axis=1)
        return np.stack([share * loss, share, loss])

    rng, n, sets = np.random.default_rng(1), 60, 600
    big = columns(rng, 200_000).mean(axis=1)
    truth, weights = big[0] - big[1] * big[2], rng.poisson(1, (200, n)) * 1.0
    weights /= weights.sum(axis=1, keepdims=True)
    missed = np.zeros(2)
    for _ in range(sets):
        some = columns(rng, n)
        found = covariance(*(Replicates(x.mean(), weights @ x, n) for x in some)).estimate()
        missed += (found.low > truth, found.high < truth)
    assert (missed / sets <= 0.025 + 2 * math.sqrt(0.025 * 0.975 / sets)).all(), missed / sets


@pytest.mark.parametrize(("b", "c"), [(0, 0), (5, 0), (7, 3), (40, 60)])
def test_mcnemar_is_the_binomial_test(b, c):
    expected = stats.binomtest(b, b + c).pvalue if b + c else 1
    assert mcnemar(b, c) == pytest.approx(expected)


def test_partial_information_of_copies_and_of_exclusive_or():
    sure, half = np.ones(4), np.full(4, 0.5)
    copy = partial_information(sure, sure, sure, half)
    bit = math.log(2)
    assert copy.redundant == pytest.approx([bit] * 4)
    assert (copy.first, copy.second, copy.synergy) == (pytest.approx([0] * 4),) * 3
    xor = partial_information(half, half, sure, half)
    assert xor.synergy == pytest.approx([bit] * 4)
    assert (xor.first, xor.second, xor.redundant) == (pytest.approx([0] * 4),) * 3
    one = partial_information(sure, half, sure, half)
    assert one.first == pytest.approx([bit] * 4)
    assert (one.second, one.synergy, one.redundant) == (pytest.approx([0] * 4),) * 3


def test_partial_information_adds_up():
    p, q, r, prior = np.random.default_rng(0).uniform(0.05, 0.95, (4, 100))
    parts = partial_information(p, q, r, prior)
    assert parts.redundant + parts.first == pytest.approx(np.log(p / prior))
    assert parts.redundant + parts.second == pytest.approx(np.log(q / prior))
    whole = parts.redundant + parts.first + parts.second + parts.synergy
    assert whole == pytest.approx(np.log(r / prior))
    assert (parts.redundant != 0).any()
    assert (parts.redundant == 0).any()


def test_modality_gap_finds_the_second_hump():
    rng = np.random.default_rng(0)
    odd = rng.random(2000) < 0.3
    first = rng.uniform(0.7, 0.8, 2000)
    second = np.where(odd, 0.05, first - 0.02) + rng.normal(0, 0.02, 2000)
    found = modality_gap(first, second)
    assert found.believed
    assert ((found.imbalanced > 0.5) == odd).mean() > 0.99


def test_one_hump_has_no_imbalanced_samples():
    rng = np.random.default_rng(1)
    believed = [
        modality_gap(0.5 + rng.normal(0, 0.1, 500), 0.2 + rng.normal(0, 0.1, 500)).believed
        for _ in range(40)
    ]
    assert sum(believed) <= 2
    assert not modality_gap(np.ones(100), np.ones(100)).believed


def test_alignment_of_a_shared_signal():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(400, 2))
    a = np.concatenate([shared, rng.normal(size=(400, 8))], axis=1)
    b = np.concatenate(
        [rng.normal(size=(400, 5)), shared + 0.1 * rng.normal(size=(400, 2))], axis=1
    )
    found = alignment(a, b, 0)
    assert found.correlation.low > 0.9
    assert found.p_value == pytest.approx(1 / 201)
    assert found.cka.low > 0
    same = alignment(a, a @ np.linalg.qr(rng.normal(size=(10, 10)))[0], 0)
    assert same.cka.value == pytest.approx(1)


def test_alignment_of_nothing_is_nothing():
    """Wide features of few rows: in-sample correlation would be 1. 60 datasets at 5 %."""
    rng, small, covered = np.random.default_rng(0), 0, 0
    for seed in range(60):
        found = alignment(rng.normal(size=(60, 100)), rng.normal(size=(60, 80)), seed)
        small += found.p_value <= 0.05
        covered += found.correlation.low <= 0 <= found.correlation.high
    assert small / 60 <= 0.05 + 5 * math.sqrt(0.05 * 0.95 / 60)
    assert covered / 60 >= 0.95 - 5 * math.sqrt(0.05 * 0.95 / 60)
    assert alignment(rng.normal(size=(39, 3)), rng.normal(size=(39, 3)), 0) is None


def test_off_data_of_rows_that_are_there_twice_is_not_defined():
    """Their distance is 0, and not what rounding leaves of it."""
    once = np.random.default_rng(0).normal(7, 3, (50, 20))
    real = np.concatenate([once, once])
    told = off_data(real, real + 1, np.arange(100, dtype=np.uint64), 10)
    assert not math.isfinite(told.point)


def test_off_data_is_one_for_data_and_grows_with_distance():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(400, 3))
    keys = unit_keys(0, [str(i) for i in range(400)])
    same = off_data(real, rng.normal(size=(400, 3)), keys, 100)
    assert same.estimate().low < 1.1
    assert same.estimate().high > 0.9
    assert off_data(real, real, keys, 10).point == pytest.approx(1)
    apart = np.linalg.norm(real[:, None] - real[None], axis=2) + np.diag(np.full(400, np.inf))
    far = off_data(real, real + 100, keys, 10)
    expected = np.sqrt(
        ((real[:, None] + 100 - real[None]) ** 2).sum(2) + np.diag(np.full(400, np.inf))
    )
    assert far.point == pytest.approx(expected.min(1).mean() / apart.min(1).mean())
