"""Pairs of close fingerprints are the same, however few of them are in memory at a time."""

import functools
from itertools import combinations

import cv2
import numpy as np
import pytest

from mmaudit import parts
from mmaudit.audits.inspect.close_prints import Close
from mmaudit.fingerprints.base import FOLDER
from mmaudit.testing.clean_values import clean_values

N, BLOCK = 60, 7
KINDS = ("text", "image")


def sentences():
    """Each third of them is one before it with a typing error."""
    rng, texts = np.random.default_rng(0), list[str]()
    for i in range(N):
        words = ["".join(rng.choice(list("abcdefghijklmnop"), 6)) for _ in range(8)]
        texts.append(texts[i - 2].replace("a", "q", 1) if i % 3 == 2 else " ".join(words))
    return texts


def pictures():
    """Each third of them is one before it: cut, mirrored, of another size, or encoded again."""
    ways = (
        lambda p: p[2:-2, 3:-3],
        lambda p: p[:, ::-1],
        lambda p: cv2.resize(p, (90, 70), interpolation=cv2.INTER_AREA),
        lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], 1),
    )
    scenes = list(clean_values("image", N))
    for i in range(2, N, 3):
        scenes[i] = np.ascontiguousarray(ways[i // 3 % len(ways)](scenes[i - 2]))
    return scenes


def part(kind):
    return parts.load(FOLDER, kind).FINGERPRINT


@functools.cache
def prints(kind):
    values = {"text": sentences, "image": pictures}[kind]()
    return np.stack([np.frombuffer(part(kind).of(value, 0.0), np.uint8) for value in values])


def one_by_one(fingerprint, packed):
    """Pairs of which one is stored under a key that the other asks for, and that are close."""
    stored, wanted = fingerprint.stored(packed), fingerprint.wanted(packed)
    for i, j in combinations(range(len(packed)), 2):
        shared = (wanted[i] == stored[j]).any() or (wanted[j] == stored[i]).any()
        if shared and fingerprint.close(packed, np.array([i]), np.array([j]))[0]:
            yield [i, j]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("held", [2**24, 1])
def test_pairs_do_not_depend_on_the_memory(kind, held):
    packed = prints(kind)

    def blocks():
        return (packed[at : at + BLOCK] for at in range(0, N, BLOCK))

    pairs = Close(part(kind), blocks, N, held=held).pairs().tolist()
    assert pairs == list(one_by_one(part(kind), packed))


@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_close_and_hardly_anything_else(kind):
    """18 of the 20 copies at least; at most one pair of the 1,750 others."""
    packed = prints(kind)
    pairs = Close(part(kind), lambda: iter([packed]), N).pairs().tolist()
    copies = [[i - 2, i] for i in range(2, N, 3)]
    assert sum(pair in pairs for pair in copies) >= 18
    assert sum(pair not in copies for pair in pairs) <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_have_no_pairs(kind, count):
    packed = prints(kind)[:count]
    assert Close(part(kind), lambda: iter([packed] * count), count).pairs().shape == (0, 2)
