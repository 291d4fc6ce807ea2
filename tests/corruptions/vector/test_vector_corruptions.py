"""The vector corruptions' own mathematics."""

from itertools import pairwise

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.doses.base import Column, Context
from mmaudit.doses.vector import changed, rms, snr
from mmaudit.seeds import words

D = 400
RNG = np.random.default_rng(0)
X = RNG.normal(size=D).astype(np.float32)
SD = RNG.uniform(0.1, 5, D)
COLUMN = Column(sd=SD, low=-4 * SD, high=4 * SD)
DONOR = RNG.normal(size=D).astype(np.float32)
AROUND = Context(column=COLUMN, donors=(DONOR,))


def load(name):
    return parts.load("corruptions", f"vector/{name}").CORRUPTION


def damage(name, severity, clean=X, sample="a", around=AROUND):
    return load(name).damage(clean, severity, words(0, name, sample), around)


def test_noise_is_in_units_of_each_dimension():
    noise = np.stack([damage("gaussian_noise", 3, sample=str(i)) - X for i in range(200)])
    ratio = noise.std(axis=0) / SD  # sd of a sd from 200 draws: 0.05; 400 dimensions
    assert np.abs(ratio - 1.0).max() < 6 * 0.05
    assert np.abs(ratio.mean() - 1.0) < 6 * 0.05 / 20


def test_the_severities_of_a_sample_share_their_noise():
    one, two = (damage("gaussian_noise", s) - X for s in (1, 3))
    np.testing.assert_allclose(4 * one, two, rtol=1e-2, atol=1e-4)


def test_dimensions_without_spread_get_no_noise():
    column = Column(sd=np.array([0.0, np.nan, 1.0]), low=np.zeros(3), high=np.ones(3))
    clean = np.ones(3, np.float32)
    worse = load("gaussian_noise").damage(clean, 5, words(0, "x"), Context(column=column))
    assert (worse[:2] == 1).all()
    assert worse[2] != 1


def test_the_snr_is_exact():
    for severity, asked in zip(range(1, 6), (20.0, 15.0, 10.0, 5.0, 0.0), strict=True):
        assert snr(X, damage("gaussian_noise_snr", severity)) == pytest.approx(asked, abs=1e-4)


def test_a_vector_of_zeros_has_no_snr_and_stays():
    zeros = np.zeros(9, np.float32)
    assert (damage("gaussian_noise_snr", 5, zeros) == 0).all()


@pytest.mark.parametrize("name", ["dropout", "sign_flip", "block_erase", "swap_with_other_sample"])
def test_the_expected_share_is_exact_at_every_length(name):
    """n = 4000 samples of 7 entries; the sd of the mean share is below 0.5 / sqrt(7 * 4000)."""
    clean = np.arange(1, 8, dtype=np.float32)
    around = Context(donors=(-clean,))
    for severity in (1, 3):
        share = load(name).at(severity).share
        found = [changed(clean, damage(name, severity, clean, str(i), around)) for i in range(4000)]
        assert abs(np.mean(found) - share) < 6 * 0.5 / np.sqrt(4000)


def test_what_a_mild_severity_drops_a_worse_one_drops_too():
    for name in ("dropout", "block_erase", "sign_flip", "salt_and_pepper"):
        levels = [damage(name, s) != X for s in range(1, 6)]
        for mild, worse in pairwise(levels):
            assert not (mild & ~worse).any(), name


def test_a_block_is_one_run():
    gone = np.flatnonzero(damage("block_erase", 3) != X)
    assert (np.diff(gone) == 1).all()
    assert gone.size == 120


def test_scale_goes_up_for_half_of_the_samples():
    ratios = np.array([(damage("scale", 3, sample=str(i)) / X)[0] for i in range(600)])
    assert set(np.round(ratios, 5)) == {0.5, 2.0}
    assert abs((ratios > 1).mean() - 0.5) < 6 * 0.5 / np.sqrt(600)


def test_salt_and_pepper_jumps_to_the_ends():
    worse = damage("salt_and_pepper", 5)
    hit = worse != X
    at_ends = np.isclose(worse, COLUMN.low) | np.isclose(worse, COLUMN.high)
    assert at_ends[hit].all()
    assert hit.sum() == pytest.approx(0.3 * D, abs=1)


def test_a_donor_gives_its_entries():
    assert (damage("swap_with_other_sample", 5) == DONOR).all()
    short = Context(donors=(DONOR[:10],))
    worse = damage("swap_with_other_sample", 5, X, "a", short)
    assert (worse[:10] == DONOR[:10]).all()
    assert (worse[10:] == X[10:]).all()


def test_nothing_finite_becomes_not_finite():
    huge = np.full(9, 3e38, np.float32)
    huge[:3] = [np.nan, np.inf, -np.inf]
    column = Column(sd=np.full(9, 1e38), low=np.full(9, -3e38), high=np.full(9, 3e38))
    around = Context(column=column, donors=(huge,))
    for name in parts.match("corruptions", ("vector/*",)):
        worse = damage(name.removeprefix("vector/"), 5, huge, "a", around)
        assert np.isfinite(worse[3:]).all()
        assert np.isfinite(load(name.removeprefix("vector/")).dose.of(huge, worse, around))


def test_double_precision_stays():
    for name in parts.match("corruptions", ("vector/*",)):
        assert damage(name.removeprefix("vector/"), 3, X.astype(np.float64)).dtype == np.float64


def test_doses_are_what_they_say():
    a, b = np.array([0.0, 2.0, 4.0]), np.array([0.0, 3.0, 4.0])
    assert changed(a, b) == pytest.approx(1 / 3)
    assert rms(a, b) == pytest.approx(np.sqrt(1 / 3))
    assert rms(a, b, np.array([1.0, 0.5, 1.0])) == pytest.approx(np.sqrt(4 / 3))
    assert snr(a, b) == pytest.approx(10 * np.log10(20 / 1))
    assert snr(a, a) == 120
    assert snr(np.zeros(3), b) == -120
