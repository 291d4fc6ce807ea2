"""Plain features of series: means of windows over the series' own time, of whatever length."""

import warnings

import numpy as np
import pytest

from mmaudit.kinds.base import load_kind
from mmaudit.kinds.series import KIND

WINDOWS = KIND.steps


def features(series):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return KIND.features(np.asarray(series, np.float32)).reshape(WINDOWS, -1)


def series(length, channels=2):
    return np.random.default_rng(length).normal(size=(length, channels)).astype(np.float32)


def test_a_window_is_the_mean_of_its_steps():
    of = series(5 * WINDOWS, 3)
    np.testing.assert_allclose(features(of), of.reshape(WINDOWS, 5, 3).mean(1), rtol=1e-6)


@pytest.mark.parametrize("length", [16, 17, 23, 31, 100])
def test_windows_share_the_steps_out_as_evenly_as_can_be(length):
    """Every step is in one window, and windows differ by one step at most."""
    of = np.eye(length, dtype=np.float32)
    shares = features(of)
    assert ((shares > 0).sum(0) == 1).all()
    steps = (shares > 0).sum(1)
    assert steps.max() - steps.min() <= 1
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-6)


def test_a_short_series_keeps_its_steps_in_their_order():
    assert features([[1.0], [2.0], [4.0]])[:, 0].tolist() == [1.0] * 6 + [2.0] * 5 + [4.0] * 5
    assert features([[3.0, -1.0]]).tolist() == [[3.0, -1.0]] * WINDOWS


def test_a_series_without_steps_is_0():
    assert features(np.zeros((0, 2))).tolist() == [[0.0, 0.0]] * WINDOWS


def test_what_is_absent_is_not_counted():
    """Of a window the mean of what is there; without any the channel's; without a channel 0."""
    of = np.ones((2 * WINDOWS, 3), np.float32)
    of[::2, 0] = np.nan  # half of every window
    of[:2, 1] = np.inf  # a whole window
    of[2:, 1] = np.arange(2 * WINDOWS - 2)
    of[:, 2] = np.nan
    windows = features(of)
    assert (windows[:, 0] == 1).all()
    assert windows[0, 1] == pytest.approx(of[2:, 1].mean())
    assert windows[1, 1] == pytest.approx(0.5)
    assert (windows[:, 2] == 0).all()


def test_a_longer_recording_of_the_same_has_the_same_features():
    of = series(WINDOWS)
    np.testing.assert_allclose(features(np.repeat(of, 7, axis=0)), features(of), rtol=1e-5)


def test_the_largest_numbers_do_not_overflow():
    most = np.finfo(np.float32).max
    assert (features(np.full((64, 1), most)) == most).all()


@pytest.mark.parametrize("kind", ["series", "audio"])
def test_features_divide_into_their_steps(kind):
    """A change in the last sixteenth changes numbers of the last step alone."""
    kind, value = load_kind(kind), series(32_000, 2)
    later = value.copy()
    later[-2_000:] += 1.0
    changed = kind.features(value) != kind.features(later)
    where = changed.reshape(kind.steps, -1).any(axis=1)
    assert where.tolist() == [False] * (kind.steps - 1) + [True]
