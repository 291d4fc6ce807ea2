"""Near copies of sounds: how many of each kind are found, and how alike different ones are.

    PYTHONPATH=. OMP_NUM_THREADS=1 python tests/benchmarks/study_near_sounds.py DATASET AUDIO

DATASET is a manifest, AUDIO its modality of sounds; groups are speakers and labels are words.
"""

import io
import sys
from fractions import Fraction
from itertools import combinations

import numpy as np
import soundfile
from scipy.signal import resample_poly

from mmaudit.fingerprints.audio import FINGERPRINT, _alike, _band
from mmaudit.measures.data.copies import candidates
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import column

COPIES = 200


def at_rate(other):
    def copy(sound, rate, _rng):
        share = Fraction(other, round(rate))
        there = resample_poly(sound, share.numerator, share.denominator)
        return resample_poly(there, share.denominator, share.numerator)

    return copy


def encoded(form, kind):
    def copy(sound, rate, _rng):
        file = io.BytesIO()
        soundfile.write(file, sound, round(rate), format=form, subtype=kind)
        file.seek(0)
        return soundfile.read(file, dtype="float32", always_2d=True)[0]

    return copy


def noisy(decibels):
    def copy(sound, _rate, rng):
        power = np.sqrt(np.mean(np.square(sound))) * 10 ** (-decibels / 20)
        return sound + power * rng.standard_normal(sound.shape)

    return copy


def cut(start, end):
    return lambda sound, rate, _rng: sound[round(start * rate) : len(sound) - round(end * rate)]


def silence(sound, rate, _rng):
    return np.pad(sound, ((round(0.1 * rate), 0), (0, 0)))


KINDS = {f"at {r} Hz": at_rate(r) for r in (4_000, 6_000, 11_025, 16_000, 44_100)} | {
    "a quarter as loud": lambda sound, _rate, _rng: sound / 4,
    "of 8 bits": lambda sound, _rate, _rng: np.round(127 * sound) / 127,
    "mu-law": encoded("WAV", "ULAW"),
    "MP3": encoded("MP3", "MPEG_LAYER_III"),
    "Vorbis": encoded("OGG", "VORBIS"),
    "Opus": encoded("OGG", "OPUS"),
    "noise 30 dB below": noisy(30),
    "noise 20 dB below": noisy(20),
    "100 ms of silence first": silence,
    "10 ms cut at each end": cut(0.01, 0.01),
    "20 ms cut at the start": cut(0.02, 0.0),
    "40 ms cut at the start": cut(0.04, 0.0),
    "40 ms cut at the end": cut(0.0, 0.04),
}


def copies(sounds, rate):
    """Pairs that are called copies; what has no fingerprint is in none."""
    prints = [FINGERPRINT.take(sound, rate) for sound in sounds]
    there = np.array([i for i, one in enumerate(prints) if one is not None])
    packed = np.frombuffer(b"".join(prints[i] for i in there), np.uint8).reshape(len(there), -1)
    pairs = set()
    for one, other in candidates(FINGERPRINT.stored(packed), FINGERPRINT.wanted(packed)):
        close = FINGERPRINT.close(packed, one, other)
        pairs |= set(zip(there[one[close]].tolist(), there[other[close]].tolist(), strict=True))
    return {(a, b) for a, b in pairs if FINGERPRINT.same(sounds[a], rate, sounds[b], rate)}


def main(manifest, modality):
    dataset = data.open(manifest)
    rate = dataset.shape(modality).rate
    cells = dataset.cells(modality, range(len(dataset)))
    sounds, _ = column(cells, "audio", dataset.shape(modality))
    print(f"{len(sounds)} sounds, {len(copies(sounds, rate))} pairs of them called copies")
    places = {}
    names = zip(*(dataset.column(c).to_pylist() for c in ("group", "label")), strict=True)
    for i, name in enumerate(names):
        places.setdefault(name, []).append(i)
    waves = [_band(sound, rate) for sound in sounds]
    pairs = [pair for some in places.values() for pair in combinations(some, 2)]
    alike = [_alike(waves[a], waves[b]) for a, b in pairs]
    print(f"{len(pairs)} pairs of one word and speaker: at most {max(alike):.3f} alike")
    rng = np.random.default_rng(0)
    print("| copies | recall | other pairs | least alike |\n|---|---|---|---|")
    for kind, change in KINDS.items():
        some = [sounds[i] for i in rng.choice(len(sounds), COPIES, replace=False)]
        other = [np.asarray(change(sound, rate, rng), np.float32) for sound in some]
        pairs, right = copies(some + other, rate), {(i, COPIES + i) for i in range(COPIES)}
        least = min(
            _alike(_band(a, rate), _band(b, rate)) for a, b in zip(some, other, strict=True)
        )
        recall = len(pairs & right) / COPIES
        print(f"| {kind} | {recall:.3f} | {len(pairs - right)} | {least:.3f} |")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
