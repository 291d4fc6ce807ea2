"""Samples that every corruption of a kind is asked about: hostile, typical, and small ones."""

import math

import numpy as np

from mmaudit import parts
from mmaudit.doses.base import Column, Context
from mmaudit.seeds import words
from places import FIXTURES

KINDS = ("image", "text", "audio", "series", "table", "vector")
NAMES = [n for n in parts.names("corruptions") if n.partition("/")[0] in KINDS]
GOLDEN = FIXTURES / "golden_corruptions" / "golden.npz"
RATE = 8000.0
TEXTS = [
    "A brown dog runs across the green grass while two children watch from the old fence.",
    "The quick photographer did not see 12 birds and 3 boats near the small wooden house.",
    "Two women in red jackets are walking slowly down a busy street in the early morning.",
]


def load(name):
    return parts.load("corruptions", name).CORRUPTION


def draw(name, sample_id):
    return words(7, f"{name}@m", sample_id)


def hostile(kind):
    """Values at the edges of what a dataset may hold."""
    return _HOSTILE[kind]()


def typical(kind):
    """Values on which damage is to be seen."""
    return _TYPICAL[kind]()


def small(kind):
    """Few values, for interpreted code."""
    return _SMALL[kind]()


def context(kind, clean, donors):
    """What there is around a sample: neighbours, statistics of its columns, a rate."""
    others = [t for t in typical(kind) if frozen(t) != frozen(clean)]
    return Context(
        rate=RATE,
        column=_column(kind, clean),
        donors=tuple(others[i % len(others)] for i in range(donors)),
    )


def damaged(name, clean, severity, sample_id="a"):
    corruption = load(name)
    around = context(name.partition("/")[0], clean, corruption.donors)
    return corruption.damage(clean, severity, draw(name, sample_id), around)


def frozen(value):
    """A value as something that compares by its bytes."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return "dict", tuple((k, frozen(v)) for k, v in value.items())
    if isinstance(value, list | tuple | np.ndarray):
        return type(value).__name__, tuple(frozen(v) for v in value)
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    return type(value).__name__, value


def _column(kind, clean):
    if kind == "table":
        return _table_column()
    if kind in {"series", "vector"}:
        width = np.asarray(clean).shape[-1]
        ramp = np.linspace(0.5, 2.0, width)
        return Column(sd=ramp, low=-3 * ramp, high=3 * ramp)
    return None


def _image_hostile():
    rng = np.random.default_rng(0)

    def noise(shape, dtype=np.uint8):
        return rng.integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)

    shapes = [(1, 1, 1), (1, 1, 3), (1, 1, 4), (1, 40, 3), (40, 1, 3), (2, 2, 3), (3, 5, 4)]
    shapes += [(17, 33, 1), (31, 18, 4), (20, 20, 3), (9, 70, 3)]
    wide = [noise(s, np.uint16) for s in [(1, 1, 3), (13, 21, 1), (12, 19, 3), (8, 9, 4)]]
    flat = [np.full((24, 23, 3), v, np.uint8) for v in (0, 255, 1)]
    flat += [np.full((11, 12, 1), 65535, np.uint16), np.zeros((11, 12, 3), np.uint16)]
    return [noise(s) for s in shapes] + wide + flat


def _image_typical():
    with np.load(GOLDEN) as golden:
        return [golden["astronaut/clean"], golden["chelsea/clean"]]


def _image_small():
    rng = np.random.default_rng(1)
    return [
        rng.integers(0, 256, (14, 11, 3), dtype=np.uint8),
        rng.integers(0, 256, (6, 9, 1), dtype=np.uint8),
        rng.integers(0, 65536, (7, 8, 4), dtype=np.uint16),
    ]


def _text_hostile():
    return [
        "",
        " ",
        "a",
        "\n\t ",
        "word",
        "naïve café — 東京タワー",
        "👩‍👩‍👧‍👦 🇩🇪 👍🏽 e\u0301",
        "مرحبا بالعالم 123",
        "שלום עולם",
        "नमस्ते दुनिया",
        "  two   spaces ",
        "x" * 300,
        "\ud800 lone surrogate",
        "\x00\x1f\u200b\u202e",
        "!!! ??? ...",
    ]


def _tone(seconds, channels=1, pitch=440.0):
    t = np.arange(round(RATE * seconds)) / RATE
    loud = 0.3 * np.sin(2 * np.pi * pitch * t) + 0.1 * np.sin(2 * np.pi * 3.1 * pitch * t)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * t)
    return np.repeat((loud * swell)[:, None], channels, 1).astype(np.float32)


def _audio_hostile():
    broken = _tone(0.02)
    broken[3:6] = [[np.nan], [np.inf], [-np.inf]]
    return [
        np.zeros((1, 1), np.float32),
        np.zeros((0, 1), np.float32),
        np.zeros((160, 2), np.float32),
        np.ones((7, 1), np.float32),
        np.full((50, 1), 1e-30, np.float32),
        np.full((50, 2), 3.0, np.float32),
        _tone(0.05, 3),
        broken,
    ]


def _series_typical():
    t = np.arange(200)[:, None]
    phases = np.arange(3)[None, :]
    wave = np.sin(t / 9 + phases) + 0.3 * np.sin(t / 2.3 - phases)
    return [wave.astype(np.float32), (2 * wave[::-1]).astype(np.float32)]


def _series_hostile():
    return [
        np.zeros((1, 1), np.float32),
        np.zeros((0, 3), np.float32),
        np.ones((5, 2), np.float32),
        np.arange(14, dtype=np.float32).reshape(2, 7),
        _series_typical()[0][:33],
    ]


def _vector_typical():
    rng = np.random.default_rng(2)
    return [rng.normal(0, 1, 64).astype(np.float32), rng.normal(1, 2, 64).astype(np.float32)]


def _vector_hostile():
    return [
        np.zeros(1, np.float32),
        np.ones(3, np.float32),
        np.full(5, -1e30, np.float32),
        np.zeros(17, np.float32),
        _vector_typical()[0],
    ]


def _table_column():
    nan = np.nan
    return Column(
        sd=np.array([2.0, nan, 5.0, nan, 1.0, 0.5]),
        low=np.array([0.0, nan, -10.0, nan, 1.0, -1.0]),
        high=np.array([9.0, nan, 20.0, nan, 4.0, 1.0]),
        categories=((), ("blue", "green", "red"), (), ("no", "yes"), (), ()),
    )


def _row(*cells):
    return np.array(cells, object)


def _table_typical():
    return [_row(3.0, "red", -4.5, "yes", 2.0, 0.25), _row(7.5, "blue", 11.0, "no", 1.5, -0.75)]


def _table_hostile():
    return [
        _row(0.0, "green", 0.0, "no", 0.0, 0.0),
        _row(None, None, None, None, None, None),
        _row(math.nan, "", math.inf, "maybe", -1e308, None),
    ]


_HOSTILE = {
    "image": _image_hostile,
    "text": _text_hostile,
    "audio": _audio_hostile,
    "series": _series_hostile,
    "table": _table_hostile,
    "vector": _vector_hostile,
}
_TYPICAL = {
    "image": _image_typical,
    "text": lambda: TEXTS,
    "audio": lambda: [_tone(0.5), _tone(0.5, 1, 700.0)],
    "series": _series_typical,
    "table": _table_typical,
    "vector": _vector_typical,
}
_SMALL = {
    "image": _image_small,
    "text": lambda: ["a small dog", "naïve 東京", ""],
    "audio": lambda: [_tone(0.01), _tone(0.008, 2)],
    "series": lambda: [_series_typical()[0][:12]],
    "table": _table_typical,
    "vector": lambda: [_vector_typical()[0][:9]],
}
