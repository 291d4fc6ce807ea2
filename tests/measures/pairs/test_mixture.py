import numpy as np
import pytest
from scipy import stats
from sklearn.mixture import GaussianMixture

from mmaudit.measures.pairs import mixture
from mmaudit.seeds import words


def losses(n=50_000, share=0.3, seed=0):
    draw = words(seed, "test/losses")
    noisy = draw.uniforms(n) < share
    return np.where(noisy, 3.0 + 0.7 * draw.normals(n, 1), 1.0 + 0.4 * draw.normals(n, 2)), noisy


def reference(values, **kwargs):
    low, high = values.min(), values.max()
    scaled = ((values - low) / (high - low))[:, None]
    parameters = {"max_iter": 10, "tol": 1e-2, "reg_covar": 5e-4, "random_state": 0} | kwargs
    return GaussianMixture(2, **parameters).fit(scaled), scaled


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_binned_mixture_is_scikit_learns(share):
    values, _ = losses(share=share)
    theirs, scaled = reference(values)
    counted = mixture.histogram(values)
    ours = mixture.gaussian(counted)
    order = theirs.means_.ravel().argsort()
    np.testing.assert_allclose(ours.means, theirs.means_.ravel()[order], atol=1e-3)
    np.testing.assert_allclose(ours.weights, theirs.weights_[order], atol=1e-3)
    clean = mixture.clean_probability(counted, ours, values)
    assert np.abs(clean - theirs.predict_proba(scaled)[:, order[0]]).max() < 0.01


def test_binned_mixture_converges_where_scikit_learn_does():
    values, _ = losses()
    theirs, _ = reference(values, max_iter=300, tol=1e-9)
    ours = mixture.gaussian(mixture.histogram(values), iterations=300, tolerance=1e-9)
    np.testing.assert_allclose(ours.means, np.sort(theirs.means_.ravel()), atol=1e-4)


def test_mixture_recovers_what_was_planted():
    values, noisy = losses(n=200_000)
    counted = mixture.histogram(values)
    fit = mixture.gaussian(counted, iterations=200, tolerance=1e-10, floor=1e-7)
    width = counted.high - counted.low
    # standard errors are below 0.005 at this size
    np.testing.assert_allclose(counted.low + width * fit.means, [1.0, 3.0], atol=0.03)
    assert fit.weights[1] == pytest.approx(noisy.mean(), abs=0.01)


def test_beta_mixture_tells_two_betas_apart():
    draw = words(1, "test/beta")
    noisy = draw.uniforms(40_000) < 0.4
    u = draw.uniforms(40_000, 1)
    values = np.where(noisy, stats.beta.ppf(u, 9, 2), stats.beta.ppf(u, 2, 9))
    counted = mixture.histogram(values)
    fit = mixture.beta(counted)
    clean = mixture.clean_probability(counted, fit, values)
    assert ((clean < 0.5) == noisy).mean() > 0.96
    assert fit.weights[1] == pytest.approx(0.4, abs=0.06)


def test_one_bump_is_not_two():
    values = words(2, "test/bump").normals(20_000)
    counted = mixture.histogram(values)
    found = mixture.bimodality(counted, mixture.gaussian(counted))
    assert not found.believed


def test_two_bumps_are_two():
    values, _ = losses()
    counted = mixture.histogram(values)
    found = mixture.bimodality(counted, mixture.gaussian(counted))
    assert found.believed
    assert found.bic_gain > 1000


def test_equal_losses_are_clean():
    counted = mixture.histogram(np.full(100, 0.3))
    split = mixture.gaussian(counted)
    assert not mixture.bimodality(counted, split).believed


@pytest.mark.parametrize("bad", [[], [1.0, np.inf], [np.nan]])
def test_losses_that_are_not_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        mixture.histogram(np.array(bad))
