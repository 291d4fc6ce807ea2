import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from mmaudit.measures.intervals.bootstrap import unit_keys, weights
from mmaudit.measures.tasks.base import NumberAnswers
from mmaudit.measures.tasks.regression import measure, spearman


def keys(n):
    return unit_keys(0, [str(i) for i in range(n)])


@pytest.mark.parametrize("ties", [False, True])
def test_every_draw_equals_the_expanded_sample(ties):
    rng = np.random.default_rng(0)
    truth, answers = rng.normal(size=(2, 120))
    answers += truth
    if ties:
        truth, answers = np.round(truth), np.round(answers)
    told = measure(NumberAnswers(truth, answers), keys(120), 30)
    for b, w in enumerate(weights(keys(120), 0, 30)):
        assert told["mae"].draws[b] == pytest.approx(
            metrics.mean_absolute_error(truth, answers, sample_weight=w), abs=1e-12
        )
        assert told["rmse"].draws[b] == pytest.approx(
            metrics.root_mean_squared_error(truth, answers, sample_weight=w), abs=1e-12
        )
        expected = stats.spearmanr(np.repeat(truth, w), np.repeat(answers, w)).statistic
        assert told["spearman"].draws[b] == pytest.approx(expected, abs=1e-12)
    assert told["spearman"].point == pytest.approx(stats.spearmanr(truth, answers).statistic)


def test_order_does_not_change_a_bit():
    rng = np.random.default_rng(1)
    truth, answers = rng.normal(size=(2, 500))
    order = rng.permutation(500)
    a = measure(NumberAnswers(truth, answers), keys(500), 40)
    b = measure(NumberAnswers(truth[order], answers[order]), keys(500)[order], 40)
    for name in a:
        assert (a[name].draws == b[name].draws).all()


def test_large_ranks_do_not_overflow():
    n = 3_000_000  # sums of products of doubled ranks are near 1e20, beyond 64 bits
    truth = np.arange(n, dtype=np.float64)
    assert spearman(truth, -truth, np.arange(n, dtype=np.uint64), 0).point == pytest.approx(-1)


def test_constant_answers_have_no_rank_correlation():
    told = measure(NumberAnswers(np.arange(5.0), np.ones(5)), keys(5), 10)
    assert set(told) == {"mae", "rmse"}
    assert told["mae"].point == pytest.approx(1.4)


def test_shapes_must_agree():
    with pytest.raises(ValueError):
        measure(NumberAnswers(np.ones(3), np.ones(2)), keys(3), 5)
