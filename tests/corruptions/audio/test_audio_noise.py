"""Noises: the ratio is exact, the colour is right, donors are used as they should be."""

import itertools

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.corruptions.audio._sound.mixing import coloured, cut_to
from mmaudit.doses.audio import snr_db, spectral_distance_db
from mmaudit.doses.base import Context
from mmaudit.seeds import words

NOISES = ("white_noise", "pink_noise", "brown_noise", "noise_file", "babble")
RATE = 16000.0


def clip(seconds=0.3, channels=1, pitch=300.0):
    t = np.arange(round(RATE * seconds)) / RATE
    wave = np.sin(2 * np.pi * pitch * t) * (0.2 + 0.1 * np.sin(2 * np.pi * 5 * t))
    return np.stack([wave * (1 + c) for c in range(channels)], axis=1).astype(np.float32)


def donors(n=5, channels=1):
    rng = np.random.default_rng(1)
    return tuple(
        rng.normal(0, 10.0**-i, (900 * (i + 1), channels)).astype(np.float32) for i in range(n)
    )


def load(name):
    return parts.load("corruptions", f"audio/{name}").CORRUPTION


def damaged(name, clean, severity=3, sample="a", around=None):
    context = around or Context(rate=RATE, donors=donors())
    return load(name).damage(clean, severity, words(0, name, sample), context)


@pytest.mark.parametrize("name", NOISES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.002, 0.3])
def test_the_ratio_is_exact(name, channels, seconds):
    """With the expected power of the noise a 5 s clip is 0.01 dB off, a short one far more."""
    clean = clip(seconds, channels)
    for severity, asked in enumerate((20.0, 15.0, 10.0, 5.0, 0.0), start=1):
        made = damaged(name, clean, severity)
        assert snr_db(clean, made) == pytest.approx(asked, abs=1e-3)  # float32 values


@pytest.mark.parametrize("name", NOISES)
def test_severities_share_their_noise(name):
    clean = clip()
    mild, severe = (damaged(name, clean, s).astype(np.float64) - clean for s in (1, 5))
    assert np.corrcoef(mild.ravel(), severe.ravel())[0, 1] > 0.9999


@pytest.mark.parametrize("name", NOISES)
def test_silence_has_no_ratio_and_stays_silent(name):
    clean = np.zeros((500, 2), np.float32)
    assert not damaged(name, clean, 5).any()


@pytest.mark.parametrize(("exponent", "slope"), [(0.0, 0.0), (1.0, -1.0), (2.0, -2.0)])
def test_noise_has_its_colour(exponent, slope):
    """Power in octaves of 40 … 5120 Hz against 1 / f^a, for 2 s of noise.

    The mean of n exponential values is off by 1 / sqrt(n): the smallest octave has 80 bins in
    2 s, so 5 standard errors of its level are 10 log10(1 + 5 / sqrt(80)) = 1.9 dB.
    """
    n = 2 * int(RATE)
    noise = coloured(np.zeros((n, 1)), exponent, RATE, words(0, "colour", "a"))[:, 0]
    power = np.square(np.abs(np.fft.rfft(noise)))
    edges = 2 * 40 * 2 ** np.arange(8)
    bins = np.arange(power.size)
    expected = np.where(bins > 0, np.maximum(bins, 1.0), np.inf) ** -exponent
    ratios = [
        10 * np.log10(power[a:b].sum() / expected[a:b].sum()) for a, b in itertools.pairwise(edges)
    ]
    assert np.ptp(ratios) < 2 * 1.9
    assert slope == -exponent


def test_channels_of_white_noise_are_independent():
    clean = clip(1.0, 2)
    noise = damaged("white_noise", clean, 5).astype(np.float64) - clean
    assert abs(np.corrcoef(noise.T)[0, 1]) < 5 / np.sqrt(clean.shape[0])


def test_a_short_recording_is_repeated_and_a_long_one_cut():
    ramp = np.arange(1.0, 8.0)[:, None]
    made = cut_to(ramp, np.zeros((20, 1)), words(0, "cut", "a"))[:, 0]
    steps = np.diff(made)
    assert set(steps.tolist()) == {1.0, -6.0}
    long = np.arange(1000.0)[:, None]
    assert (np.diff(cut_to(long, np.zeros((20, 1)), words(0, "cut", "a"))[:, 0]) == 1.0).all()


def test_other_numbers_of_channels_get_the_mean():
    stereo = np.stack([np.full(9, 1.0), np.full(9, 3.0)], axis=1).astype(np.float32)
    assert (cut_to(stereo, np.zeros((4, 1)), words(0, "c", "a")) == 2.0).all()
    assert (cut_to(stereo[:, 0], np.zeros((4, 3)), words(0, "c", "a")) == 1.0).all()
    assert (cut_to(stereo, np.zeros((4, 2)), words(0, "c", "a")) == [1.0, 3.0]).all()


def test_broken_recordings_add_nothing_that_is_no_number():
    bad = np.array([[np.nan], [np.inf], [1.0]], np.float32)
    for donor in (bad, np.zeros((5, 1), np.float32), np.zeros((0, 1), np.float32)):
        made = damaged("noise_file", clip(), 5, around=Context(rate=RATE, donors=(donor,)))
        assert np.isfinite(made).all()


def test_voices_of_babble_are_equally_loud():
    """The donors differ by 80 dB; each must be heard."""
    voices = [
        np.sin(2 * np.pi * f * np.arange(8000) / RATE)[:, None].astype(np.float32) * 10.0**-i
        for i, f in enumerate((500, 1000, 2000, 3000, 4000))
    ]
    clean = clip(0.5)
    around = Context(rate=RATE, donors=tuple(voices))
    noise = damaged("babble", clean, 5, around=around).astype(np.float64) - clean
    power = np.square(np.abs(np.fft.rfft(noise[:, 0])))
    peaks = [power[round(f * 0.5)] for f in (500, 1000, 2000, 3000, 4000)]
    assert max(peaks) / min(peaks) < 1.01


def test_samples_get_noise_of_their_own():
    clean = clip()
    one, other = (damaged("white_noise", clean, 5, s).astype(np.float64) - clean for s in "ab")
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 5 / np.sqrt(clean.size)


def test_doses_of_known_pairs():
    x = np.ones((10, 1), np.float32)
    assert snr_db(x, x) == 120.0
    assert snr_db(x, 1.1 * x) == pytest.approx(20.0, abs=1e-4)
    assert snr_db(0 * x, x) == -120.0
    assert snr_db(1e-30 * x, 2e-30 * x) == pytest.approx(0.0, abs=1e-4)
    assert spectral_distance_db(x, x) == 0.0
    hiss = donors(1)[0]
    assert spectral_distance_db(hiss, 2 * hiss) == pytest.approx(20 * np.log10(2), abs=0.01)
    assert spectral_distance_db(hiss, hiss[::-1]) > 1.0
    assert spectral_distance_db(0 * x, 0 * x) == 0.0
    assert np.isfinite(spectral_distance_db(0 * x, x))
