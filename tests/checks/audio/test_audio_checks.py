"""Checks of sounds: closed forms, and what must not change a number."""

import math

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.testing.clean_values import clean_values

RATE = 8000.0


def check(name):
    return parts.load("checks", f"audio/{name}").CHECK


def number(name, sound, rate=RATE):
    sound = np.asarray(sound, np.float32)
    return check(name).measure(check(name).view(sound if sound.ndim == 2 else sound[:, None], rate))


@pytest.fixture(scope="module")
def voice():
    return clean_values("audio", 1)[0]


def noise(seconds=2.0, rate=RATE):
    return np.random.default_rng(1).normal(0, 0.1, round(seconds * rate))


def times(seconds=1.0, rate=RATE):
    return np.arange(round(seconds * rate)) / rate


@pytest.mark.parametrize("ratio", [5, 20])
def test_noise_under_bursts_has_its_ratio(ratio):
    """Bursts of 100 ms every 400, of white noise themselves, so that all bands have both.

    The quantile is taken over all frames, of which 3 of 4 are noise alone: 1.3 dB too much noise.
    """
    rng = np.random.default_rng(2)
    bursts = np.where(times(4) % 0.4 < 0.1, 1.0, 0.0) * rng.normal(0, 0.2, 32000)
    steady = rng.normal(0, 0.1 * 10 ** (-ratio / 20), 32000)
    assert number("snr", bursts + steady) == pytest.approx(ratio - 1.6, abs=0.5)


def test_an_offset_is_no_noise(voice):
    assert number("snr", voice + 0.2) == pytest.approx(number("snr", voice), abs=0.1)
    assert number("dc", voice + 0.2) == pytest.approx(number("dc", voice) + 0.2, abs=0.01)


@pytest.mark.parametrize("rate", [8000.0, 44100.0])
@pytest.mark.parametrize("pitch", [60, 440])
def test_the_crest_of_a_tone_is_not_clipped(pitch, rate):
    tone = 0.5 * np.sin(2 * np.pi * pitch * times(rate=rate))
    assert number("clipped", tone, rate) < check("clipped").limit
    assert number("clipped", np.clip(tone, -0.4, 0.4), rate) > 0.2


def test_shares_are_what_they_say():
    sound = noise()
    sound[4000:8000] = sound[4000]
    assert number("stuck", sound) == pytest.approx(0.25, abs=0.001)
    sound[4000:8000] = 0
    assert number("silence", sound) == pytest.approx(0.25, abs=0.01)
    assert number("duration", sound) == 2
    assert number("level", sound) == pytest.approx(20 * math.log10(sound.std()), abs=0.01)


def test_what_lies_silent_around_a_sound_is_not_stuck():
    padded = np.concatenate([np.zeros(3000), noise(), np.zeros(3000)])
    assert number("stuck", padded) == 0
    assert number("silence", padded) == pytest.approx(6000 / 22000, abs=0.01)


def test_the_band_of_a_tone_is_its_pitch():
    tone = 0.3 * np.sin(2 * np.pi * 1000 * times()) + 1e-5 * noise(1)
    assert number("bandwidth", tone) == pytest.approx(1000, abs=50)
    assert number("low_cut", tone) < -60
    low = 0.3 * np.sin(2 * np.pi * 150 * times()) + 1e-5 * noise(1)
    assert number("low_cut", low) > -1


def test_bits_are_bits():
    sound = np.random.default_rng(3).uniform(-1, 1, 20000)
    for bits in (4, 8):
        coarse = np.round(sound * 2 ** (bits - 1)) / 2 ** (bits - 1)
        assert number("bits", coarse) == pytest.approx(bits, abs=0.1)


def test_channels_that_are_one_are_seen(voice):
    other = voice * 0.5 + 0.05 * noise(0.9)[: len(voice), None]
    limit = check("channels").limit
    for second in (voice, -voice, 0 * voice):
        assert number("channels", np.hstack([voice, second])) < limit
    assert number("channels", np.hstack([voice, other])) > limit
    assert math.isnan(number("channels", voice))


def test_long_sounds_are_looked_at_in_part():
    long = np.tile(noise(4), 30)
    assert len(check("snr").view(long[:, None].astype(np.float32), RATE).powers) == 2000
    assert number("bandwidth", long) == pytest.approx(number("bandwidth", noise(4)), rel=0.02)


def test_a_sound_without_a_rate_or_values_has_few_numbers():
    assert math.isnan(number("duration", noise(), 0.0))
    assert math.isnan(number("snr", noise(), 0.0))
    assert math.isnan(number("dc", np.zeros((0, 1))))
    assert number("silence", np.zeros(800)) == 1
