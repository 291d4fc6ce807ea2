"""The noises against their exact laws: chi-square at a false-alarm rate of 1e-3 in all."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chi2, norm, poisson

from mmaudit import parts
from mmaudit.corruptions.image import gaussian_noise, impulse_noise, salt_and_pepper
from mmaudit.corruptions.image._kernels.normals import normals
from mmaudit.seeds import words

VALUES = (0, 1, 7, 64, 128, 200, 254, 255)
SIDE = 300
CELLS = len(VALUES) * 5 * 4
ALPHA = 1e-3 / CELLS


def drawn(name, value, severity):
    corruption = parts.load("corruptions", f"image/{name}").CORRUPTION
    flat = np.full((SIDE, SIDE, 3), value, np.uint8)
    key = words(11, name, f"{value} {severity}")
    return np.bincount(corruption.apply(flat, corruption.at(severity), key).ravel(), minlength=256)


def of_normal(value, sd):
    """floor(clip(x + sd z, 0, 255))."""
    if sd == 0:
        return np.eye(256)[value]
    below = norm.cdf((np.arange(1, 256) - value) / sd)
    return np.diff(np.concatenate([[0], below, [1]]))


def of_counts(value, photons):
    """floor(255 min(K / c, 1)) with K ~ Poisson(c x / 255)."""
    law = np.zeros(256)
    counts = np.arange(photons)
    np.add.at(law, (counts / photons * 255).astype(int), poisson.pmf(counts, value / 255 * photons))
    law[255] += max(0.0, 1 - law.sum())
    return law


def of_impulses(value, amount):
    law = np.zeros(256)
    law[value] += 1 - amount
    law[0] += amount / 2
    law[255] += amount / 2
    return law


LAWS = {
    "gaussian_noise": lambda x, at: of_normal(x, 255 * at.sigma),
    "speckle_noise": lambda x, at: of_normal(x, x * at.sigma),
    "shot_noise": lambda x, at: of_counts(x, at.photons),
    "impulse_noise": lambda x, at: of_impulses(x, at.amount),
}


@pytest.mark.parametrize("name", LAWS)
def test_values_follow_the_exact_law(name):
    """At a rate of 1e-3 over all cells together; a law 2 % wider fails."""
    corruption = parts.load("corruptions", f"image/{name}").CORRUPTION
    for value in VALUES:
        for severity in range(1, 6):
            seen = drawn(name, value, severity)
            expected = LAWS[name](value, corruption.at(severity)) * seen.sum()
            assert seen[expected == 0].sum() == 0
            common = expected >= 5  # rare values are counted together
            seen = np.append(seen[common], seen[~common].sum())
            expected = np.append(expected[common], expected[~common].sum())
            kept = expected > 0.5
            statistic = np.sum((seen[kept] - expected[kept]) ** 2 / expected[kept])
            freedom = kept.sum() - 1
            assert freedom == 0 or chi2.sf(statistic, freedom) > ALPHA, (value, severity)


def test_a_law_that_is_two_per_cent_wider_would_be_noticed():
    seen = drawn("gaussian_noise", 128, 1)
    wrong = of_normal(128, 255 * 0.08 * 1.02) * seen.sum()
    common = wrong >= 5
    statistic = np.sum((seen[common] - wrong[common]) ** 2 / wrong[common])
    assert chi2.sf(statistic, common.sum() - 1) < ALPHA


def test_normals_are_the_quantiles_of_their_words():
    tail = np.concatenate([[0, 1, 2, 3], np.linspace(4, 2**31 - 1, 20_001)]).astype(np.uint32)
    tail = np.unique(np.concatenate([tail, 2 ** np.arange(31, dtype=np.uint32)]))
    exact = norm.ppf((tail + 0.5) / 2.0**32)
    assert np.abs(normals(tail) - exact).max() < 2e-5
    np.testing.assert_array_equal(normals(tail | np.uint32(2**31)), -normals(tail))


@pytest.mark.parametrize("part", [impulse_noise, salt_and_pepper])
def test_what_a_severity_hits_is_hit_at_every_worse_one(part):
    clean = np.random.default_rng(0).integers(1, 255, (64, 64, 3), dtype=np.uint8)
    outs = [part.apply(clean, at, words(0, "hit")) for at in part.CORRUPTION.severities]
    for mild, worse in pairwise(outs):
        hit = mild != clean
        assert hit.any()
        np.testing.assert_array_equal(worse[hit], mild[hit])


def test_salt_and_pepper_hits_whole_pixels():
    clean = np.random.default_rng(0).integers(1, 255, (200, 200, 3), dtype=np.uint8)
    at = salt_and_pepper.CORRUPTION.at(5)
    out = salt_and_pepper.apply(clean, at, words(0, "whole"))
    hit = out != clean
    assert set(np.unique(out[hit])) == {0, 255}  # a known port writes salt as 1
    assert (hit.all(2) == hit.any(2)).all()
    # 5 standard errors of a share of 40,000 pixels
    assert hit.mean() == pytest.approx(
        at.amount, abs=5 * (at.amount * (1 - at.amount) / 40_000) ** 0.5
    )


def test_severities_share_their_noise():
    """The noise of a severity is that of a milder one times a constant, but for rounding."""
    clean = np.full((40, 40, 1), 32768, np.uint16)
    mild, worse = (
        gaussian_noise.apply(clean, gaussian_noise.CORRUPTION.at(s), words(0, "share")).astype(int)
        - 32768
        for s in (1, 2)
    )
    inside = np.abs(worse) < 32000
    assert np.abs(worse - 1.5 * mild)[inside].max() <= 2.5
