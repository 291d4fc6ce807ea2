import csv

import numpy as np
import pytest
from PIL import Image

from mmaudit.errors import UsageError
from mmaudit.kinds._audio_features import BANDS
from mmaudit.measures.pairs import detection, shuffles
from mmaudit.measures.pairs.detectors import head
from mmaudit.measures.pairs.detectors.base import Sides
from mmaudit.measures.pairs.similarity import standard
from mmaudit.models.plain_features import featured, features
from mmaudit.seeds import words
from places import SHARED

FLICKR = SHARED / "flickr8k_1k"
DRAW = words(0, "test/plain")


def values(kind):
    if kind == "image":
        shapes = ((40, 30, 3), (64, 64, 1), (10, 90, 4), (5, 5, 3))
        return [
            DRAW.integers(int(np.prod(s)), 256, k).reshape(s).astype(np.uint8)
            for k, s in enumerate(shapes)
        ]
    if kind == "text":
        return ["A dog.", "", "two  dogs in the Schnee ❄", "x" * 4000]
    if kind == "audio":
        return [
            DRAW.normals(n, 9).astype(np.float32).reshape(-1, 1) for n in (100, 16_000, 40_000, 1)
        ]
    if kind == "series":
        return [DRAW.normals(2 * n, n).astype(np.float32).reshape(n, 2) for n in (1, 15, 16, 300)]
    return list(DRAW.normals(40, 3).astype(np.float32).reshape(4, 10))


@pytest.mark.parametrize("kind", sorted(featured()))
def test_every_row_depends_on_its_value_alone(kind):
    given = values(kind)
    whole = features(kind, given)
    assert np.isfinite(whole).all()
    for k, value in enumerate(given):
        np.testing.assert_array_equal(features(kind, [value])[0], whole[k])


def test_words_are_told_apart_and_case_is_not():
    same, other, again = features("text", ["a red dog", "two blue cats", "A RED DOG"])
    np.testing.assert_array_equal(same, again)
    assert np.abs(same - other).sum() > 5


def test_a_tone_sits_in_its_band():
    time = np.arange(16_000) / 16_000
    low, high = (np.sin(2 * np.pi * f * time).astype(np.float32)[:, None] for f in (300, 3000))
    bands = features("audio", [low, high]).reshape(2, 8, BANDS)[:, 0]
    assert bands[0].argmax() < bands[1].argmax()


def test_a_transparent_picture_is_white():
    clear = np.zeros((20, 20, 4), np.uint8)
    np.testing.assert_allclose(
        features("image", [clear]), features("image", [np.full((20, 20, 3), 255, np.uint8)])
    )


def test_kinds_without_features_are_refused():
    with pytest.raises(UsageError, match="no plain features of a table"):
        features("table", [np.zeros(3)])


@pytest.mark.shared
def test_towers_from_scratch_know_something_of_what_people_say():
    """1,000 photos and their captions train the towers; people judged other captions of them."""
    if not FLICKR.exists():
        pytest.skip(f"{FLICKR} is not here: the real datasets are not part of the repository")
    captions, judged = (
        list(csv.DictReader((FLICKR / name).read_text("utf-8").splitlines()))
        for name in ("metadata.csv", "match_labels.csv")
    )
    files = sorted({row["file_name"] for row in captions})
    number = {name: k for k, name in enumerate(files)}
    pixels = []
    for name in files:
        with Image.open(FLICKR / name) as picture:
            pixels.append(np.asarray(picture))
    photos = standard(features("image", pixels))
    every = [row["caption"] for row in captions] + [row["text"] for row in judged]
    texts = standard(features("text", every))
    photo = np.array([number[row["file_name"]] for row in captions])
    sides = Sides(
        left=photos[photo],
        right=texts[: len(captions)],
        shared=False,
        fold=shuffles.folds(photo, head.fold_count(len(captions)), DRAW),
        copy=np.arange(len(captions)),
        seed=0,
    )
    fold = np.zeros(len(files), np.int64)
    fold[photo] = sides.fold
    asked = np.array([number[row["file_name"]] for row in judged])
    scores = np.zeros(len(judged))
    for k, (left, right) in head.fit(sides).towers.items():
        here = fold[asked] == k
        scores[here] = (left(photos[asked[here]]) * right(texts[len(captions) :][here])).sum(1)
    wrong = np.array([row["label"] != "match" for row in judged])
    assert detection.auroc(wrong, -scores) >= 0.65
