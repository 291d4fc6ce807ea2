import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.kinds import audio
from mmaudit.kinds.audio import decode, encode
from mmaudit.kinds.base import Shape, Undecodable
from mmaudit.manifest.media import kind_of

soundfile = pytest.importorskip("soundfile")
ANY = Shape()


def tone(n=800, channels=1, rate=8000):
    t = np.arange(n)[:, None] / rate
    return (0.5 * np.sin(2 * np.pi * 440 * t * np.arange(1, channels + 1))).astype(np.float32)


def file(sound, rate=8000, **options):
    made = io.BytesIO()
    soundfile.write(made, sound, rate, **options)
    return made.getvalue()


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("format", ["WAV", "WAVEX"])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_is_read_as_libsndfile_reads_it(subtype, format, channels):
    data = file(tone(channels=channels), format=format, subtype=subtype)
    wanted, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    found, found_rate = audio.decode_with_rate(data)
    assert found_rate == rate == 8000
    assert found.dtype == np.float32
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("channels", [1, 2])
def test_what_is_written_is_read(channels):
    whole = np.round(tone(channels=channels) * 32768).astype(np.float32) / 32768
    for form in ("wav", "flac"):
        assert np.array_equal(decode(encode(whole, 8000, form), ANY), whole)
    loud = 3 * tone(channels=channels)
    assert np.array_equal(decode(encode(loud, 8000, exact=True), ANY), loud)
    assert decode(encode(loud, 8000), ANY).max() == np.float32(32767 / 32768)
    assert soundfile.info(io.BytesIO(encode(loud, 8000))).channels == channels


def test_flac_and_ogg_are_read():
    for form in ("FLAC", "OGG"):
        assert decode(file(tone(), format=form), ANY).shape == (800, 1)


@pytest.mark.parametrize("rate", [4000, 11025, 16000, 44100])
def test_another_rate_is_resampled_to_the_usual_one(rate):
    data = encode(tone(rate, channels=2, rate=rate), rate, exact=True)
    sound = decode(data, Shape(rate=8000.0))
    assert sound.dtype == np.float32
    assert sound.shape == (8000, 2)
    assert np.abs(sound - tone(8000, channels=2))[200:-200].max() < 0.002
    (note,) = audio.KIND.beyond(data, Shape(rate=8000.0)).items()
    assert note == ("resampled to 8000 samples a second", 1)


def test_the_usual_rate_is_left_as_it_is():
    data = encode(tone(), 8000, exact=True)
    assert np.array_equal(decode(data, Shape(rate=8000.0)), tone())
    assert audio.KIND.beyond(data, Shape(rate=8000.0)) == {}


def test_a_sound_that_grows_too_long_is_refused():
    data = encode(tone(), 8000)
    with pytest.raises(Undecodable, match="4800 samples, more than max_samples = 1000"):
        decode(data, Shape(rate=48000.0, max_samples=1000))


FORMS = ["AIFF", "AU", "CAF", "W64", "RF64", "FLAC", "OGG", "MP3", "WAV"]


@pytest.mark.parametrize("form", FORMS)
def test_what_soundfile_reads_is_read_whatever_it_is_called(form, tmp_path):
    data = file(tone(), format=form)
    wanted, _ = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    sound = decode({"bytes": data, "path": "a.sound", "error": None}, ANY)
    assert np.allclose(sound, wanted, rtol=0, atol=1e-6 if form == "MP3" else 0)  # mpg123 rounds
    assert audio.KIND.file_format(data[:64])
    (tmp_path / "sound").write_bytes(data)
    assert kind_of(tmp_path / "sound") == "audio"


def test_mp3_called_wav_is_refused_and_called_mp3_is_read():
    data = file(tone(8000), format="MP3")
    with pytest.raises(Undecodable, match="wav by its name, MP3 by its bytes"):
        decode({"bytes": data, "path": "a/b.WAV", "error": None}, ANY)
    assert decode({"bytes": data, "path": "a/b.mp3", "error": None}, ANY).shape[1] == 1


def test_wav_from_a_pipe_goes_on_to_the_end_of_the_file():
    data = bytearray(encode(tone(), 8000))
    data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    assert decode(bytes(data), ANY).shape == (800, 1)


@pytest.mark.parametrize("format", ["WAV", "FLAC"])
def test_a_file_that_is_cut_off_is_refused(format):
    data = file(tone(), format=format)
    for size in (10, 30, 43, 50, len(data) // 2):
        with pytest.raises(Undecodable):
            decode(data[:size], ANY)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (b"", "empty file"),
        (b"\x89PNG", "not a WAV"),
        (encode(tone(0), 8000), "no sound"),
        (encode(np.full((5, 1), np.nan, np.float32), 8000, exact=True), "not finite"),
        ("a.wav", "not the bytes of a recording but str"),
    ],
)
def test_what_is_no_recording_is_refused(cell, why):
    with pytest.raises(Undecodable, match=why):
        decode(cell, ANY)


def test_absent_is_absent():
    assert decode(None, ANY) is None


WHOLE = [encode(tone(), 8000), encode(tone(), 8000, exact=True), file(tone(), format="FLAC")]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    data=st.sampled_from(WHOLE),
    changes=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=4),
    cut=st.floats(0, 1),
)
def test_damaged_bytes_give_sound_or_a_reason(data, changes, cut):
    damaged = bytearray(data)
    for at, value in changes:
        damaged[at] = value
    try:
        sound = decode(bytes(damaged[: int(cut * len(damaged))]), ANY)
    except Undecodable:
        return
    assert sound.ndim == 2
    assert np.isfinite(sound).all()
