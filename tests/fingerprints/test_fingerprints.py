"""Near copies are found, strangers are not; what is too small has no fingerprint."""

import cv2
import numpy as np
import pytest

from mmaudit import parts
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
    "text": {
        "mistyped": mistyped,
        "in capitals, with dots": lambda t: t.upper().replace(" ", ".  ") + "!",
    },
}
VALUES = {"image": scene, "text": sentence}
PLAIN = {
    "image": [np.zeros((1, 1, 3), np.uint8), np.full((90, 90, 1), 7, np.uint8)],
    "text": ["", "short", "?!…", "\ud800"],
}


def found(part, values):
    """Pairs of values that are near copies of each other."""
    prints = [part.take(value, 0.0) for value in values]
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
    part = parts.load(FOLDER, kind).FINGERPRINT
    clean = [VALUES[kind](seed) for seed in range(20)]
    pairs = found(part, clean + [COPIES[kind][how](value) for value in clean])
    right = {(i, i + 20) for i in range(20)}
    assert len(pairs & right) >= 19
    assert not pairs - right


@pytest.mark.parametrize("kind", VALUES)
def test_a_fingerprint_is_of_the_value_alone(kind):
    part = parts.load(FOLDER, kind).FINGERPRINT
    value = VALUES[kind](1)
    before = value.copy() if kind == "image" else value
    assert part.take(value, 0.0) == part.take(VALUES[kind](1), 0.0)
    assert np.array_equal(value, before)


@pytest.mark.parametrize("kind", VALUES)
def test_what_is_too_small_or_too_plain_has_none(kind):
    part = parts.load(FOLDER, kind).FINGERPRINT
    assert [part.take(value, 0.0) for value in PLAIN[kind]] == [None] * len(PLAIN[kind])


def test_every_fingerprint_is_asked_here():
    assert set(parts.own(FOLDER)) == set(VALUES)
