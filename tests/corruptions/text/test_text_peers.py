"""Defects of other tools that these corruptions must not have, and hostile texts in numbers."""

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.doses.base import Context
from mmaudit.seeds import words

NAMES = parts.names("corruptions/text")
CAPTION = "A brown dog runs over 12 green hills, the old man is not with it."
CONTEXT = Context(donors=("Two women in red coats wait near the river.",))


def load(name):
    return parts.load("corruptions/text", name).CORRUPTION


@pytest.mark.parametrize("name", NAMES)
def test_level_0_does_not_normalise(name):
    """MultiBench lower-cases text and turns digits into N at its level 0."""
    assert load(name).damage(CAPTION, 0, words(0, name, "a"), CONTEXT) is CAPTION


@pytest.mark.parametrize("name", NAMES)
def test_the_same_key_gives_the_same_text_after_others(name):
    """nlpaug's output depends on all that was drawn before."""
    corruption = load(name)
    first = corruption.damage(CAPTION, 3, words(0, name, "a"), CONTEXT)
    for i in range(20):
        corruption.damage(CAPTION[i:], 5, words(0, name, str(i)), CONTEXT)
    assert corruption.damage(CAPTION, 3, words(0, name, "a"), CONTEXT) == first


@pytest.mark.parametrize("name", ["keyboard", "ocr", "char_swap", "word_delete", "word_swap"])
def test_other_samples_and_seeds_are_hit_elsewhere(name):
    """QMF seeds inside the call, so that every sample gets the same noise."""
    corruption = load(name)
    outs = {
        corruption.damage(CAPTION, 5, words(s, name, str(i)), CONTEXT)
        for s in (0, 1)
        for i in range(10)
    }
    assert len(outs) >= 15


@pytest.mark.parametrize("name", ["keyboard", "char_swap", "char_delete", "char_repeat"])
def test_short_words_are_hit_too(name):
    """nlpaug and MultiBench leave words of up to three or four letters alone."""
    corruption = load(name)
    at = corruption.at(5)._replace(word_share=1.0)
    assert corruption.apply("a cat on my bed", at, words(0, name, "a")).split()[1] != "cat"


def test_hostile_texts_in_numbers():
    """Text of any code points, at both ends of severity: a text comes out, and encodes or not as before."""
    rng = np.random.default_rng(9)
    edges = [
        0,
        9,
        10,
        13,
        32,
        0x300,
        0x34F,
        0x200D,
        0x202E,
        0x1F1E6,
        0x1F469,
        0xD800,
        0xFFFF,
        0x10FFFF,
    ]
    for i in range(2000 // len(NAMES) + 1):
        codes = np.concatenate(
            [rng.choice(edges, 10), rng.integers(0, 0x110000, 6), rng.integers(32, 127, 8)]
        )
        text = "".join(map(chr, rng.permutation(codes)[: rng.integers(0, 25)].tolist()))
        for name in NAMES:
            for severity in (1, 5):
                out = load(name).damage(text, severity, words(2, name, str(i)), CONTEXT)
                assert isinstance(out, str)
                assert load(name).dose.measure(text, out) <= 1.0
