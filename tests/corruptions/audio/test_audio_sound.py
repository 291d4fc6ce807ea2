"""Rooms, filters, losses, time and pitch, levels and codecs do what their parameters say."""

import itertools

import numpy as np
import pytest
import soundfile

from mmaudit import parts
from mmaudit.corruptions.audio import codec_mp3, reverb
from mmaudit.doses.base import Context
from mmaudit.errors import MissingError
from mmaudit.seeds import words

RATE = 16000.0
CONTEXT = Context(rate=RATE)


def tone(pitch, seconds=0.5, rate=RATE):
    t = np.arange(round(rate * seconds)) / rate
    return (0.3 * np.sin(2 * np.pi * pitch * t))[:, None].astype(np.float32)


def load(name):
    return parts.load("corruptions", f"audio/{name}").CORRUPTION


def damaged(name, clean, severity, sample="a", context=CONTEXT):
    return load(name).damage(clean, severity, words(0, name, sample), context)


def pitch_of(audio, rate=RATE):
    middle = audio[audio.shape[0] // 4 : audio.shape[0] * 3 // 4, 0]
    power = np.abs(np.fft.rfft(middle * np.hanning(middle.size), 8 * middle.size))
    return np.argmax(power) * rate / (8 * middle.size)


def level(audio):
    """Root mean square of the middle, away from the ends."""
    n = audio.shape[0]
    return float(np.sqrt(np.mean(np.square(audio[n // 4 : 3 * n // 4].astype(np.float64)))))


@pytest.mark.parametrize("name", ["low_pass", "high_pass"])
def test_filters_halve_the_power_at_the_cutoff(name):
    for severity in range(1, 6):
        cutoff = load(name).at(severity).cutoff_hz
        at = tone(cutoff, 1.0)
        assert level(damaged(name, at, severity)) / level(at) == pytest.approx(0.5**0.5, rel=0.01)
        passed, stopped = (
            (cutoff / 2, cutoff * 1.9) if name == "low_pass" else (cutoff * 2, cutoff / 2)
        )
        assert level(damaged(name, tone(passed, 1.0), severity)) > 0.99 * level(at)
        assert level(damaged(name, tone(stopped, 1.0), severity)) < 0.09 * level(at)


def test_a_filter_does_not_move_sound_in_time():
    click = np.zeros((2000, 1), np.float32)
    click[700] = 1.0
    for name in ("low_pass", "band_stop"):
        assert np.argmax(np.abs(damaged(name, click, 4))) == 700


def test_band_stop_gaps_contain_one_another():
    noise = np.random.default_rng(0).normal(0, 0.1, (16000, 1)).astype(np.float32)
    for sample in "abc":
        gains = [
            np.abs(np.fft.rfft(damaged("band_stop", noise, s, sample)[:, 0], 32000))
            for s in range(1, 6)
        ]
        power = [np.square(g).sum() for g in gains]
        assert (np.diff(power) < 0).all()


def test_the_room_dies_away_as_fast_as_it_says():
    """Slope of Schroeder's backward integral between 5 and 25 dB down."""
    for at in load("reverb").severities:
        tail = reverb.room(1, at, RATE, words(0, "reverb", "a"))[:, 0]
        left = 10 * np.log10(np.cumsum(np.square(tail)[::-1])[::-1] / np.square(tail).sum())
        inside = np.flatnonzero((left < -5) & (left > -25))
        slope = np.polyfit(inside / RATE, left[inside], 1)[0]
        assert -60 / slope == pytest.approx(at.rt60_s, rel=0.1)
        assert 10 * np.log10(1 / np.square(tail).sum()) == pytest.approx(at.drr_db)
        assert tail[0] == 0.0


def test_rooms_of_two_severities_are_one_kind_of_room():
    mild, severe = (
        reverb.room(1, load("reverb").at(s), RATE, words(0, "r", "a"))[:, 0] for s in (1, 5)
    )
    assert (np.sign(mild) == np.sign(severe[: mild.size])).all()


def test_clipping_cuts_the_share_it_says():
    noise = np.random.default_rng(0).normal(0, 0.1, (10_001, 1)).astype(np.float32)
    for severity in range(1, 6):
        made = damaged("clipping", noise, severity)
        share = np.mean(made != noise)
        assert share == pytest.approx(load("clipping").at(severity).share, abs=2e-4)


def test_gain_and_offset_go_both_ways():
    clean = tone(440.0)
    gains = [
        20 * np.log10(level(damaged("gain", clean, 3, str(i))) / level(clean)) for i in range(20)
    ]
    assert {round(g) for g in gains} == {-12, 12}
    offsets = [
        float(damaged("dc_offset", clean, 3, str(i)).mean() - clean.mean()) for i in range(20)
    ]
    assert {round(o, 3) for o in offsets} == {-0.1, 0.1}


@pytest.mark.parametrize(("name", "field"), [("time_mask", "share"), ("packet_loss", "share")])
def test_losses_are_exact_on_average_and_contain_one_another(name, field):
    clean = np.ones((4800, 2), np.float32)  # 15 packets
    for severity in range(1, 6):
        share = getattr(load(name).at(severity), field)
        lost = [np.mean(damaged(name, clean, severity, str(i)) == 0) for i in range(400)]
        unit = 1 / 15 if name == "packet_loss" else 1 / 4800
        assert abs(np.mean(lost) - share) <= 5 * unit / 2 / 20 + 1e-6
    for i in range(20):
        zeros = [damaged(name, clean, s, str(i)) == 0 for s in range(1, 6)]
        assert all((a <= b).all() for a, b in itertools.pairwise(zeros))


def test_pitch_shift_moves_the_pitch_and_not_the_length():
    for severity, semitones in enumerate((0.5, 1.0, 2.0, 3.0, 4.0), start=1):
        ratios = {
            round(
                12 * np.log2(pitch_of(damaged("pitch_shift", tone(600.0), severity, str(i))) / 600),
                1,
            )
            for i in range(8)
        }
        assert ratios == {-semitones, semitones}


def test_time_stretch_moves_time_and_not_the_pitch():
    late = np.concatenate([np.zeros((8000, 1), np.float32), tone(800.0, 1.0)])
    for severity in (2, 5):
        factor = load("time_stretch").at(severity).factor
        ways = set()
        for i in range(8):
            made = damaged("time_stretch", late, severity, str(i))
            assert made.shape == late.shape
            assert pitch_of(made) == pytest.approx(800.0, abs=2.0)
            begins = int(np.argmax(np.abs(made[:, 0]) > 0.15))
            way = factor if begins > 8000 else 1 / factor
            assert begins == pytest.approx(8000 * way, abs=512)  # half a window
            ways.add(way)
        assert len(ways) == 2


def test_few_bits_have_few_levels():
    ramp = np.linspace(-1, 1, 200_001, dtype=np.float32)[:, None]
    for severity in range(1, 6):
        bits = load("bit_crush").at(severity).bits
        assert np.unique(damaged("bit_crush", ramp, severity)).size == 2**bits + 1
        bits = load("codec_mulaw").at(severity).bits
        assert np.unique(np.abs(damaged("codec_mulaw", ramp, severity))).size == 2 ** (bits - 1)


def test_mulaw_is_the_standard_curve():
    x = np.float32([[0.5]])
    step = 1 / 127
    loud = np.round(np.log1p(255 * 0.5) / np.log1p(255) / step) * step
    expected = np.expm1(loud * np.log1p(255)) / 255
    assert damaged("codec_mulaw", x, 1)[0, 0] == pytest.approx(expected, rel=1e-6)


def test_resampling_folds_treble_down():
    made = damaged("resample", tone(6000.0), 2)  # 0.6 of the rate: 9600, so 6000 becomes 3600
    power = np.square(np.abs(np.fft.rfft(made[:, 0])))
    assert power[1800 - 5 : 1800 + 6].sum() > 10 * power[900:1500].sum()


@pytest.mark.parametrize("name", ["codec_mp3", "codec_opus"])
@pytest.mark.parametrize("rate", [8000.0, 11000.0, 16000.0, 44100.0])
def test_codecs_do_not_move_sound_in_time(name, rate):
    """An MP3 of few bits has no room to say where it begins: its 1105 samples are taken off."""
    t = np.arange(round(rate * 0.5)) / rate
    sweep = 0.3 * np.sin(2 * np.pi * (200 * t + 600 * t**2)) * np.exp(-20 * (t - 0.25) ** 2)
    clean = sweep[:, None].astype(np.float32)
    for severity in (1, 5):
        made = damaged(name, clean, severity, context=Context(rate=rate))
        lags = range(-60, 61, 1)
        match = [float(np.dot(np.roll(made[:, 0], lag), sweep)) for lag in lags]
        assert abs(lags[int(np.argmax(match))]) <= max(1.0, rate / 10_000)
        assert np.corrcoef(made[:, 0], sweep)[0, 1] > 0.8


def test_loud_clips_survive_codecs():
    made = damaged("codec_opus", 20 * tone(440.0), 1)
    assert level(made) == pytest.approx(20 * level(tone(440.0)), rel=0.1)


def test_a_codec_that_is_not_there_is_missing(monkeypatch):
    monkeypatch.setattr(soundfile, "available_subtypes", lambda container: {})
    with pytest.raises(MissingError, match="cannot write MPEG_LAYER_III") as caught:
        codec_mp3.CORRUPTION.damage(tone(440.0), 1, words(0, "c", "a"), CONTEXT)
    assert caught.value.fix == "pip install --upgrade soundfile"
