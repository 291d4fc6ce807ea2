"""A drawing whose parts have other colours is a near copy; one that is drawn differently is none."""

import re

import cv2
import numpy as np
import pytest

from mmaudit.fingerprints.image import FINGERPRINT
from mmaudit.measures.data.copies import candidates
from mmaudit.samples import dataset
from mmaudit.samples.decode import column
from places import SHARED

EMOJI = SHARED / "emoji" / "dataset.toml"
SKIN = (255, 202, 40)
# the five tones of Fitzpatrick's scale, as emoji have them
TONES = ((250, 220, 188), (224, 187, 149), (191, 143, 104), (155, 100, 61), (89, 69, 57))
GLYPHS = 60
PEOPLE = {
    "hand",
    "hands",
    "person",
    "man",
    "woman",
    "men",
    "women",
    "people",
    "boy",
    "girl",
    "fist",
    "thumbs",
    "finger",
    "fingers",
    "index",
    "baby",
    "child",
    "ear",
    "nose",
    "foot",
    "leg",
    "palm",
    "palms",
    "prince",
    "princess",
    "guard",
    "biceps",
    "family",
    "older",
    "adult",
}


def glyph(seed, skin=SKIN):
    """A head and limbs of one colour, with hair, clothes and a few things of others, (96, 96, 3)."""
    rng = np.random.default_rng(seed)
    picture = np.full((192, 192, 3), 255, np.uint8)
    outline = tuple(int(0.8 * level) for level in skin)
    clothes, hair = (rng.integers(0, 256, 3).tolist() for _ in range(2))
    head = rng.integers(60, 130, 2).tolist()
    for _ in range(rng.integers(2, 5)):
        hand = rng.integers(15, 177, 2).tolist()
        cv2.line(picture, head, hand, outline, 22)
        cv2.line(picture, head, hand, skin, 16)
        cv2.circle(picture, hand, int(rng.integers(9, 18)), skin, -1)
    corner = rng.integers(90, 150, 2)
    cv2.rectangle(
        picture, corner.tolist(), (corner + rng.integers(20, 60, 2)).tolist(), clothes, -1
    )
    size = int(rng.integers(24, 40))
    cv2.circle(picture, head, size + 6, hair, -1)
    cv2.circle(picture, head, size, skin, -1)
    for side in (-1, 1):
        cv2.circle(picture, (head[0] + side * size // 3, head[1] - 4), 4, (60, 40, 30), -1)
    for _ in range(3):
        at, colour = rng.integers(10, 182, 2).tolist(), rng.integers(0, 256, 3).tolist()
        cv2.circle(picture, at, int(rng.integers(5, 16)), colour, -1)
    return cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)


def clock(hour):
    """A face with two hands, (96, 96, 3)."""
    picture = np.full((192, 192, 3), 255, np.uint8)
    cv2.circle(picture, (96, 96), 88, (90, 90, 90), -1)
    cv2.circle(picture, (96, 96), 72, (240, 240, 240), -1)
    turn = 2 * np.pi * hour / 12
    tip = (int(96 + 45 * np.sin(turn)), int(96 - 45 * np.cos(turn)))
    cv2.line(picture, (96, 96), tip, (30, 30, 30), 8)
    cv2.line(picture, (96, 96), (96, 34), (30, 30, 30), 8)
    return cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)


def near(values):
    """Pairs of pictures that are near copies of each other."""
    packed = np.stack([np.frombuffer(FINGERPRINT.of(value, 0.0), np.uint8) for value in values])
    pairs = set()
    for one, other in candidates(FINGERPRINT.stored(packed), FINGERPRINT.wanted(packed)):
        close = FINGERPRINT.close(packed, one, other)
        pairs |= set(zip(one[close].tolist(), other[close].tolist(), strict=True))
    return {(a, b) for a, b in pairs if FINGERPRINT.same(values[a], 0.0, values[b], 0.0)}


@pytest.mark.parametrize("tone", TONES)
def test_a_glyph_of_another_tone_is_a_near_copy(tone):
    """57 of 60 at least; no pair of the 7,080 other ones."""
    seeds = range(GLYPHS)
    pairs = near([glyph(seed) for seed in seeds] + [glyph(seed, tone) for seed in seeds])
    right = {(seed, seed + GLYPHS) for seed in seeds}
    assert len(pairs & right) >= 0.95 * GLYPHS
    assert not pairs - right


def test_clocks_of_other_hours_are_no_copies():
    """Of hours whose mirror images are no others of them: their correlation alone is .9 and more."""
    assert not near([clock(hour) for hour in range(1, 6)])


def recoloured(picture, tone):
    """An emoji whose yellow parts have a tone, shades kept, (64, 64, 4)."""
    colours = np.ascontiguousarray(picture[..., :3])
    hue, saturation, value = cv2.split(cv2.cvtColor(colours, cv2.COLOR_RGB2HSV))
    skin = (hue >= 17) & (hue <= 29) & (saturation >= 90) & (value >= 70) & (picture[..., 3] > 0)
    shade = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)[..., None] / 207  # of the yellow
    toned = picture.copy()
    toned[skin, :3] = np.clip(np.array(tone) * shade, 0, 255)[skin].round()
    return toned, skin.sum()


def people(names, pictures):
    """Positions of emoji of people and hands that have enough yellow to be given a tone."""
    named = [PEOPLE & set(re.findall(r"\w+", name)) for name in names]
    return [i for i, words in enumerate(named) if words and recoloured(pictures[i], SKIN)[1] > 150]


@pytest.mark.shared
@pytest.mark.skipif(not EMOJI.exists(), reason=f"{EMOJI} is not there")
def test_tones_of_emoji_are_near_copies():
    """Of people and hands: .93 of all, .75 of the darkest (.957 and .829 of 158 pictures)."""
    data = dataset.open(EMOJI)
    names = data.cells("text", range(len(data.rows))).to_pylist()
    some, _ = column(data.cells("image", range(len(names))), "image", data.shape("image"))
    pictures = [some[i] for i in people(names, some)[:60]]
    n, hits = len(pictures), []
    for tone in TONES:
        pairs = near(pictures + [recoloured(picture, tone)[0] for picture in pictures])
        hits.append(sum((i, i + n) in pairs for i in range(n)) / n)
    assert n == 60
    assert np.mean(hits) >= 0.93
    assert min(hits) >= 0.75
