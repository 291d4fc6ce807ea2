"""More than 2,000 hostile values at random through every corruption: nothing breaks, promises hold."""

import math

import numpy as np
import pytest

from corruption_samples import NAMES, draw, load
from mmaudit.doses.base import Column, Context
from mmaudit.testing.questions import frozen

EACH = 24
SIDES = (1, 1, 2, 3, 5, 8, 16, 31, 33, 64)
PIECES = "a|dog| |\n|👩‍👩‍👧‍👦|e\u0301|مرحبا|שלום|東京|\u202e|\x00|not|12|３|İ|ß|ǆ|\ud800|\ufe0f|1,000.5|it's|—"
CELLS = [None, math.nan, math.inf, 0.0, -1e308, 1e308, "red", "", 3.5]
CODED = {"audio/codec_mp3", "audio/codec_opus"}  # these are slow, and asked in test_audio_peers


def hostile(kind, rng):
    if kind == "text":
        return "".join(rng.choice(PIECES.split("|"), int(rng.integers(0, 15))).tolist())
    if kind == "table":
        return np.array([CELLS[i] for i in rng.integers(0, len(CELLS), 6)], object)
    if kind == "image":
        shape = (*rng.choice(SIDES, 2), int(rng.integers(1, 5)))
        dtype = (np.uint8, np.uint16)[rng.integers(2)]
        most = np.iinfo(dtype).max
        if not rng.integers(4):
            return np.full(shape, rng.choice([0, most]), dtype)
        return rng.integers(0, most + 1, shape).astype(dtype)
    shape = (int(rng.integers(0, 40)),)
    if kind != "vector":
        shape += (int(rng.integers(1, 4)),)
    made = rng.normal(0, 10.0 ** rng.integers(-30, 20), shape)
    if rng.integers(2):
        made[rng.random(shape) < 0.1] = rng.choice([np.nan, np.inf, -np.inf])
    return made.astype((np.float32, np.float64)[rng.integers(2)])


def around(kind, clean, count, rng):
    """Neighbours, and statistics that may be zero or unknown."""
    donors = tuple(
        np.array(clean) if kind in {"series", "vector", "table"} else hostile(kind, rng)
        for _ in range(count)
    )
    width = np.asarray(clean).shape[-1] if kind in {"series", "vector", "table"} else 0
    spread = np.full(width, rng.choice([0.0, 1.0, np.nan]))
    column = Column(sd=spread, low=-np.ones(width), high=np.ones(width), categories=((),) * width)
    return Context(rate=float(rng.choice([1.0, 8000.0, 44100.0])), column=column, donors=donors)


def finite(value):
    return value.dtype.kind != "f" or np.isfinite(value).all()


def test_there_are_2000():
    assert EACH * len(set(NAMES) - CODED) > 2000


@pytest.mark.parametrize("name", sorted(set(NAMES) - CODED))
def test_nothing_breaks_and_promises_hold(name):
    rng = np.random.default_rng(int.from_bytes(name.encode()[-8:]))
    part, kind = load(name), name.partition("/")[0]
    for i in range(EACH):
        clean = hostile(kind, rng)
        context = around(kind, clean, part.donors, rng)
        before = frozen(clean)
        if isinstance(clean, np.ndarray):
            clean.flags.writeable = False
        out = part.damage(clean, int(rng.integers(1, 6)), draw(name, str(i)), context)
        assert frozen(clean) == before
        assert type(out) is type(clean)
        assert math.isfinite(part.dose.of(clean, out, context))
        if isinstance(clean, np.ndarray):
            assert out.dtype == clean.dtype
            assert out.shape == clean.shape or "shape" not in part.keeps
            assert finite(out) or not finite(clean)
