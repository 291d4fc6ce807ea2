"""Many texts at once give the bytes of one by one, in any order and cut anywhere."""

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.corruptions.text._words.batches import TOGETHER
from mmaudit.seeds import digests, words

NAMES = [
    name
    for name in parts.names("corruptions/text")
    if parts.load("corruptions/text", name).CORRUPTION.batch
]
POOL = list("abc dé e\u0301 ,.! 7 THE not is big 中文 שלום \U0001f469\u200d\U0001f467 प्र ")


def texts(n):
    rng = np.random.default_rng(5)
    made = ["".join(rng.choice(POOL, rng.integers(0, 50))) for _ in range(n)]
    return [*made, "", "a big dog is not here, the 3 of them", "\ud800"]


def test_all_but_the_borrowing_one_have_batches():
    assert set(parts.names("corruptions/text")) - set(NAMES) == {"caption_of_other_sample"}


@pytest.mark.parametrize("name", NAMES)
def test_batch_size_and_order_change_nothing(name):
    corruption = parts.load("corruptions/text", name).CORRUPTION
    clean = texts(TOGETHER + 20)  # more than are laid out together
    ids = [f"id-{i}" for i in range(len(clean))]
    keys, at = digests(3, name, ids), corruption.at(4)
    whole = corruption.batch(clean, at, keys)
    assert whole[::-1] == corruption.batch(clean[::-1], at, keys[::-1])
    cut = [corruption.batch(clean[i : i + 64], at, keys[i : i + 64]) for i in range(0, 128, 64)]
    assert whole[:128] == [text for part in cut for text in part]
    alone = [corruption.apply(clean[i], at, words(3, name, ids[i])) for i in range(60)]
    assert whole[:60] == alone
    assert corruption.batch([], at, keys[:0]) == []


def test_what_does_not_fit_gets_room():
    """Inserted copies of a long word need many times the room of the text."""
    corruption = parts.load("corruptions/text", "word_insert").CORRUPTION
    text = "x" * 3000 + " a" * 40
    made = corruption.apply(text, corruption.at(5)._replace(share=1.0), words(0, "r", "a"))
    assert len(made.split()) == 82
    assert set(made.split()) == {"x" * 3000, "a"}
    turned = parts.load("corruptions/text", "bidi").CORRUPTION
    made = turned.apply("a " * 500, turned.at(5)._replace(share=1.0), words(0, "r", "a"))
    assert made == "\u202ea\u202c " * 500


def test_a_long_text_is_hit_at_the_same_rate():
    """More hits than are found one by one: the sorted way is the same way."""
    corruption = parts.load("corruptions/text", "mask_word").CORRUPTION
    made = corruption.apply("word " * 20_000, corruption.at(5), words(0, "long", "a"))
    assert made.count("_") == 5000
    milder = corruption.apply("word " * 20_000, corruption.at(4), words(0, "long", "a"))
    worse = made.split()
    assert all(worse[i] == "_" for i, word in enumerate(milder.split()) if word == "_")
