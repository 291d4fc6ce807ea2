"""The series corruptions' own mathematics."""

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.doses.base import Column, Context
from mmaudit.seeds import words

T, C = 200, 4
RNG = np.random.default_rng(0)
X = (np.cumsum(RNG.normal(size=(T, C)), axis=0) + 50).astype(np.float32)
SD = np.array([0.5, 1.0, 2.0, 4.0])
AROUND = Context(column=Column(sd=SD, low=X.min(0).astype(float), high=X.max(0).astype(float)))
NAMES = [n.removeprefix("series/") for n in parts.match("corruptions", ("series/*",))]


def load(name):
    return parts.load("corruptions", f"series/{name}").CORRUPTION


def damage(name, severity, clean=X, sample="a"):
    return load(name).damage(clean, severity, words(0, name, sample), AROUND)


def test_noise_is_in_units_of_each_channel_and_its_own_in_every_entry():
    noise = (damage("gaussian_noise", 5) - X) / (0.8 * SD)
    assert np.abs(noise.std(axis=0) - 1).max() < 6 / np.sqrt(2 * T)
    across = np.corrcoef(noise.T)[np.triu_indices(C, 1)]  # MultiBench adds one number to all
    assert np.abs(across).max() < 6 / np.sqrt(T)


def test_spikes_are_as_many_and_as_high_as_said():
    change = (damage("spike", 3) - X) / SD
    hit = np.abs(change) > 1e-3
    assert hit.sum() == pytest.approx(0.03 * T * C, abs=1)
    np.testing.assert_allclose(np.abs(change[hit]), 5.0, rtol=1e-3)


def test_drift_is_a_ramp_that_ends_where_it_says():
    change = (damage("drift", 3) - X) / SD
    np.testing.assert_allclose(np.abs(change[-1]), 1.0, rtol=1e-3)
    np.testing.assert_allclose(np.abs(change[T // 2 - 1]), 0.5, rtol=1e-2)


def test_a_stuck_channel_keeps_the_reading_before():
    worse = damage("stuck_value", 3)
    for c in range(C):
        stuck = np.flatnonzero(worse[:, c] != X[:, c])
        assert stuck[-1] - stuck[0] + 1 == 60
        assert (worse[stuck, c] == X[stuck[0] - 1, c]).all()
    starts = {np.flatnonzero(worse[:, c] != X[:, c])[0] for c in range(C)}
    assert len(starts) > 1  # each channel at a time of its own


def test_random_drop_loses_the_share_and_does_not_change_its_input():
    clean = X.copy()
    worse = damage("random_drop", 4, clean)
    assert (clean == X).all()  # MultiBench drops in place
    assert (worse == 0).mean() == pytest.approx(0.4, abs=1 / X.size)


def test_burst_drop_loses_whole_steps_in_runs():
    worse = damage("burst_drop", 2)
    lost = (worse == 0).all(axis=1)
    assert lost.sum() == 40
    assert not ((worse == 0) & ~lost[:, None]).any()
    lengths = np.diff(np.flatnonzero(np.diff(np.r_[0, lost, 0])))[::2]
    assert np.median(lengths) >= 10  # 5 % of 200


def test_channel_drop_loses_whole_channels():
    worse = damage("channel_drop", 5)
    assert (worse == 0).all(axis=0).sum() == 2
    one = X[:, :1]
    lost = [not damage("channel_drop", 2, one, str(i)).any() for i in range(2000)]
    assert abs(np.mean(lost) - 0.2) < 6 * 0.4 / np.sqrt(2000)


def test_a_shift_moves_all_channels_by_the_share():
    worse = damage("time_shift", 3)
    later = (worse[20:] == X[:-20]).all() and (worse[:20] == X[0]).all()
    earlier = (worse[:-20] == X[20:]).all() and (worse[-20:] == X[-1]).all()
    assert later != earlier
    ways = {bool((damage("time_shift", 3, X, str(i))[20:] == X[:-20]).all()) for i in range(20)}
    assert ways == {True, False}


def test_resample_keeps_slow_parts_and_loses_fast_ones():
    t = np.arange(240)
    slow, fast = np.sin(t / 40), np.sin(t * np.pi * 0.9)
    clean = np.stack([slow, fast], axis=1).astype(np.float32)
    worse = damage("resample", 3, clean)
    left = worse.std(axis=0) / clean.std(axis=0)
    assert left[0] > 0.95
    assert left[1] < 0.3


def test_a_warp_keeps_the_ends_and_the_range_and_never_runs_backwards():
    ramp = np.repeat(np.arange(100.0)[:, None], 2, axis=1)
    for severity in range(1, 6):
        for i in range(20):
            worse = damage("warp", severity, ramp, str(i))
            np.testing.assert_allclose(worse[[0, -1]], ramp[[0, -1]], atol=1e-9)
            assert (np.diff(worse, axis=0) >= 0).all()
            share = load("warp").at(severity).share
            assert np.abs(worse - ramp).max() <= share * 99 + 1e-9


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (1, 4), (2, 1), (3, 0), (7, 2)])
def test_any_size_and_values_that_are_not_finite(name, shape):
    clean = RNG.normal(size=shape).astype(np.float32)
    if clean.size > 3:
        clean.flat[:3] = [np.nan, np.inf, -np.inf]
    column = Column(sd=np.ones(shape[1]), low=-np.ones(shape[1]), high=np.ones(shape[1]))
    for severity in range(1, 6):
        part = load(name)
        worse = part.damage(clean, severity, words(0, name, "b"), Context(column=column))
        assert worse.shape == clean.shape
        assert not (np.isnan(worse) & np.isfinite(clean)).any() or name in {
            "time_shift",
            "stuck_value",
        }
        assert np.isfinite(part.dose.of(clean, worse, Context(column=column)))
