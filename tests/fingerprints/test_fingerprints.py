"""Near copies are found, strangers are not; what is too small has no fingerprint."""

import cv2
import numpy as np
import pytest
from scipy.signal import resample_poly

from mmaudit import parts
from mmaudit.fingerprints._structure import FAINT, layers
from mmaudit.fingerprints._thumbnail import thumbnail, thumbnails
from mmaudit.fingerprints.base import FOLDER
from mmaudit.measures.data.copies import candidates

RNG = np.random.default_rng(0)


def scene(seed):
    """A picture of discs and edges on a gradient, (150, 200, 3)."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((150, 200, 3), np.uint8)
    picture += np.linspace(0, 120, 200).astype(np.uint8)[None, :, None]
    for _ in range(25):
        at, colour = rng.integers(0, 200, 2).tolist(), rng.integers(0, 255, 3).tolist()
        cv2.circle(picture, at, int(rng.integers(4, 40)), colour, -1)
    return picture


def sentence(seed):
    rng = np.random.default_rng(seed)
    words = [
        "".join(rng.choice(list("abcdefghiklmnoprstuv"), rng.integers(3, 9))) for _ in range(9)
    ]
    return " ".join(words)


def word(seed):
    """Five syllables of a voice whose pitch glides, at the rate that nobody says, (11200, 1)."""
    rng = np.random.default_rng(seed)
    time = np.arange(11_200) / 16_000
    pitch = np.interp(time, np.linspace(0, 0.7, 8), rng.uniform(90, 260, 8))
    phase = 2 * np.pi * np.cumsum(pitch) / 16_000
    sound = np.zeros_like(time)
    for start in np.linspace(0.05, 0.55, 5) + rng.uniform(-0.04, 0.04, 5):
        swell = np.exp(-(((time - start) / rng.uniform(0.02, 0.05)) ** 2))
        tones = [rng.normal() * np.sin(k * phase + rng.uniform(0, 6)) for k in range(1, 9)]
        sound += rng.uniform(0.2, 1) * swell * np.sum(tones, axis=0)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)[:, None]


def noisy(sound):
    rng = np.random.default_rng(len(sound))
    return (sound + 0.1 * sound.std() * rng.standard_normal(sound.shape)).astype(np.float32)


def features(seed):
    """Features of several scales, one of which is constant, (24,)."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** np.arange(-2, 4)
    return np.append(rng.normal(size=23) * np.resize(scale, 23), 5.0).astype(np.float32)


def walk(seed):
    """Two channels that wander, (300, 2)."""
    steps = np.random.default_rng(seed).normal(size=(300, 2))
    return (np.cumsum(steps, axis=0) + steps).astype(np.float32)


def disturbed(vector):
    rng = np.random.default_rng(0)
    return (vector * (1 + 0.003 * rng.standard_normal(vector.shape))).astype(np.float32)


def mistyped(text):
    rng = np.random.default_rng(len(text))
    letters = list(text)
    for at in rng.choice(len(letters) - 2, 3, replace=False):
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


COPIES = {
    "image": {
        "encoded again": lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [1, 60])[1], 1),
        "resized": lambda p: cv2.resize(p, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA),
        "cropped": lambda p: np.ascontiguousarray(p[3:-4, 4:-6]),
        "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
        "grey": lambda p: cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)[..., None],
        "with transparency": lambda p: np.dstack([p, np.full(p.shape[:2], 255, np.uint8)]),
        "of 16 bits": lambda p: p.astype(np.uint16) * 257,
    },
    "audio": {
        "at another rate": lambda s: resample_poly(resample_poly(s, 1, 2), 2, 1).astype(np.float32),
        "of 8 bits": lambda s: np.round(127 * s) / np.float32(127),
        "softer": lambda s: s * np.float32(0.2),
        "noisy": noisy,
        "cut at its ends": lambda s: s[200:-300],
        "after silence": lambda s: np.concatenate([np.zeros((900, 1), np.float32), s]),
        "of two channels": lambda s: np.repeat(s, 2, axis=1),
    },
    "series": {
        "of 16 bits": lambda s: s.astype(np.float16).astype(np.float32),
        "with noise": lambda s: (
            s + 0.01 * s.std() * np.random.default_rng(0).normal(size=s.shape)
        ).astype(np.float32),
        "times three": lambda s: 3 * s,
    },
    "text": {
        "mistyped": mistyped,
        "in capitals, with dots": lambda t: t.upper().replace(" ", ".  ") + "!",
    },
    "vector": {
        "of 16 bits": lambda v: v.astype(np.float16).astype(np.float32),
        "with noise": disturbed,
        "times three": lambda v: 3 * v,
        "of length one": lambda v: v / np.linalg.norm(v),
    },
}
VALUES = {"audio": word, "image": scene, "series": walk, "text": sentence, "vector": features}
HUM = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32)[:, None]
PLAIN = {
    "audio": [np.zeros((16_000, 1), np.float32), HUM, word(1)[3_000:4_000], HUM[:1]],
    "image": [np.zeros((1, 1, 3), np.uint8), np.full((90, 90, 1), 7, np.uint8)],
    "series": [
        np.zeros((90, 2), np.float32),
        walk(1)[:7],
        walk(1)[:, :1],
        walk(1) * np.float32(np.nan),
    ],
    "text": ["", "short", "?!…", "\ud800"],
    "vector": [np.zeros(24, np.float32), np.ones(3, np.float32)],
}


def fingerprint(kind):
    """That of a kind, once it knows 200 values where it learns."""
    part = parts.load(FOLDER, kind).FINGERPRINT
    others = [VALUES[kind](seed) for seed in range(200)] if part.learn else []
    return part.learn(others, 200) if part.learn else part


def found(part, values):
    """Pairs of values that are near copies of each other."""
    prints = [part.of(value, 0.0) for value in values]
    assert None not in prints
    packed = np.frombuffer(b"".join(prints), np.uint8).reshape(len(prints), -1)
    pairs = set()
    for one, other in candidates(part.stored(packed), part.wanted(packed)):
        close = part.close(packed, one, other)
        pairs |= set(zip(one[close].tolist(), other[close].tolist(), strict=True))
    return {(a, b) for a, b in pairs if part.same(values[a], 0.0, values[b], 0.0)}


@pytest.mark.parametrize(("kind", "how"), [(k, how) for k, some in COPIES.items() for how in some])
def test_copies_are_found_and_strangers_are_not(kind, how):
    """19 of 20 copies at least; no pair of the 780 others."""
    part = fingerprint(kind)
    clean = [VALUES[kind](seed) for seed in range(20)]
    pairs = found(part, clean + [COPIES[kind][how](value) for value in clean])
    right = {(i, i + 20) for i in range(20)}
    assert len(pairs & right) >= 19
    assert not pairs - right


@pytest.mark.parametrize("kind", VALUES)
def test_a_fingerprint_is_of_the_value_alone(kind):
    part = fingerprint(kind)
    value = VALUES[kind](1)
    before = value if isinstance(value, str) else value.copy()
    assert part.of(value, 0.0) == part.of(VALUES[kind](1), 0.0)
    assert np.array_equal(value, before)


@pytest.mark.parametrize("size", [(224, 224), (81, 333), (640, 97), (48, 90), (128, 128)])
@pytest.mark.parametrize("side", [64, 80])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_thumbnail_is_that_of_opencv_to_the_bit(size, side, dtype):
    grey = (RNG.random(size) * 255).astype(dtype)
    theirs = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)
    assert np.array_equal(thumbnail(grey, side), theirs.astype(np.float32))


@pytest.mark.parametrize("size", [(224, 224), (128, 96), (320, 240), (48, 90)])
def test_thumbnails_of_several_sides_are_those_of_each(size):
    grey = (RNG.random(size) * 255).astype(np.uint8)
    for small, side in zip(thumbnails(grey, (64, 80)), (64, 80), strict=True):
        assert np.array_equal(small, thumbnail(grey, side))


def test_layers_are_slopes_of_opencv_as_doubled_angles():
    levels = (RNG.random((64, 64)) * 255).round().astype(np.float32)
    beside, variance = layers(levels)
    x, y = (cv2.Sobel(levels, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    certain = x * x + y * y + np.float32(FAINT)
    parts_of = [levels, (x * x - y * y) / certain, 2 * x * y / certain]
    assert np.array_equal(beside, np.stack(parts_of, axis=1))
    assert variance == pytest.approx(levels.astype(np.float64).var())


@pytest.mark.parametrize("kind", VALUES)
def test_what_is_too_small_or_too_plain_has_none(kind):
    part = fingerprint(kind)
    assert [part.of(value, 0.0) for value in PLAIN[kind]] == [None] * len(PLAIN[kind])


def test_every_fingerprint_is_asked_here():
    assert set(parts.own(FOLDER)) == set(VALUES)
