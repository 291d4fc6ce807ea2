"""Defects of other tools that these corruptions must not have, and hostile clips in numbers."""

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.doses.base import Context
from mmaudit.seeds import words

NAMES = parts.names("corruptions/audio")
CODED = {"codec_mp3", "codec_opus"}
RATE = 8000.0


def speech(n=1600, channels=1):
    rng = np.random.default_rng(4)
    return (rng.normal(0, 0.1, (n, channels)) * np.sin(np.arange(n) / 90)[:, None]).astype(
        np.float32
    )


def damaged(name, clean, severity, sample="a", rate=RATE):
    corruption = parts.load("corruptions/audio", name).CORRUPTION
    around = Context(rate=rate, donors=tuple(speech(700 + i) for i in range(corruption.donors)))
    return corruption.damage(clean, severity, words(0, name, sample), around)


@pytest.mark.parametrize("name", NAMES)
def test_level_0_is_not_silence(name):
    """MultiBench starts from zeros and never copies the clips that it leaves clean."""
    clean = speech()
    assert damaged(name, clean, 0) is clean


@pytest.mark.parametrize("name", NAMES)
def test_each_clip_is_damaged_and_none_becomes_silent(name):
    for i in range(4):
        made = damaged(name, speech(), 5, str(i))
        assert made.any()
        assert not np.array_equal(made, speech())


@pytest.mark.parametrize("name", NAMES)
def test_every_channel_is_kept(name):
    made = damaged(name, speech(1600, 3), 3)
    assert made.shape == (1600, 3)
    assert made.dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_one_dimension_and_double_precision_come_back_so(name):
    flat = speech()[:, 0].astype(np.float64)
    made = damaged(name, flat, 3)
    assert made.shape == flat.shape
    assert made.dtype == np.float64


@pytest.mark.parametrize("name", NAMES)
def test_broken_values_count_as_silence(name):
    """NaN spreads through every transform over time; here it cannot."""
    clean = speech()
    clean[100:110] = np.nan
    clean[500] = np.inf
    made = damaged(name, clean, 3)
    assert np.isfinite(made).all()
    quiet = np.where(np.isfinite(clean), clean, np.float32(0))
    assert np.array_equal(made, damaged(name, quiet, 3))
    lost = np.full((64, 1), np.nan, np.float32)
    assert np.isfinite(damaged(name, lost, 5)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("loud", [1e-42, 1e-30, 1e30, 3e38])
def test_extreme_levels_stay_finite(name, loud):
    clean = np.where(speech(400) > 0, np.float32(loud), np.float32(-loud))
    assert np.isfinite(damaged(name, clean, 5)).all()


def test_hostile_clips_in_numbers():
    """Any length from 0, any level, any rate, broken values: a finite clip of the same shape."""
    rng = np.random.default_rng(8)
    count = 0
    while count < 1200:
        shape = (int(rng.integers(0, 70)), int(rng.integers(1, 4)))
        clean = (rng.normal(0, 1, shape) * 10.0 ** rng.integers(-8, 8)).astype(np.float32)
        clean[rng.random(shape) < 0.05] = rng.choice([np.nan, np.inf, -np.inf, 0.0])
        rate = float(rng.choice([1.0, 100.0, 8000.0, 44100.0, 192000.0]))
        for name in set(NAMES) - CODED if count % 200 else NAMES:
            made = damaged(name, clean, int(rng.integers(1, 6)), str(count), rate)
            assert made.shape == clean.shape
            assert np.isfinite(made).all()
            count += 1
