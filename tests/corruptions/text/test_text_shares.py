"""How much of a text is hit: exact on average at every length, different at every severity, nested."""

import itertools

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.corruptions.text import keyboard, mask_word, truncation, word_delete
from mmaudit.corruptions.text._words.words import Share
from mmaudit.seeds import digests, words

KEYS = digests(0, "shares", [str(i) for i in range(4000)])
SE = 5.0  # standard errors that a mean may be off: a false alarm once in 1.7 million


def masked(length, share):
    """How many of ``length`` words are masked, for each key."""
    texts = [" ".join("abcdefghijklmnop"[i % 16] * 2 for i in range(length))] * KEYS.size
    return np.array([t.count("_") for t in mask_word.CORRUPTION.batch(texts, Share(share), KEYS)])


@pytest.mark.parametrize("length", [1, 2, 3, 7, 10, 60])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.25, 0.5])
def test_the_expected_share_is_exact_at_every_length(length, share):
    counts = masked(length, share)
    exact = share * length
    assert set(counts.tolist()) <= {int(exact), int(exact) + 1}
    fraction = exact - int(exact)
    error = np.sqrt(max(fraction * (1 - fraction), 1e-12) / counts.size)
    assert abs(counts.mean() - exact) <= SE * error + 1e-9


@pytest.mark.parametrize("length", [10, 60])
def test_severities_do_not_collapse(length):
    """Rounding up gives a 10-word caption 1, 1, 2, 2, 3 words; a cap of 10 ends a long one's rise."""
    means = [masked(length, at.share).mean() for at in mask_word.CORRUPTION.severities]
    expected = 0.05 * length * np.arange(1, 6)
    assert np.abs(np.array(means) - expected).max() < SE * 0.5 / np.sqrt(KEYS.size)


def test_all_words_go_at_share_1_and_none_at_0():
    texts, keys = ["one two three", "ein Wort", "", " "], KEYS[:4]
    assert word_delete.CORRUPTION.batch(texts, Share(1.0), keys) == ["", "", "", " "]
    assert word_delete.CORRUPTION.batch(texts, Share(0.0), keys) == texts


def test_a_text_of_one_word_is_emptied_at_the_rate():
    made = word_delete.CORRUPTION.batch(["word"] * KEYS.size, Share(0.25), KEYS)
    share = sum(text == "" for text in made) / KEYS.size
    assert abs(share - 0.25) < SE * np.sqrt(0.25 * 0.75 / KEYS.size)


def test_what_a_milder_severity_hits_a_worse_one_hits_too():
    text = "a small dog runs across the wide green field near two old wooden houses"
    for i in range(200):
        draw = words(1, "nested", str(i))
        hit = [
            {
                w
                for w, t in enumerate(mask_word.CORRUPTION.apply(text, at, draw).split())
                if t == "_"
            }
            for at in mask_word.CORRUPTION.severities
        ]
        assert all(mild <= worse for mild, worse in itertools.pairwise(hit))
        typed = [keyboard.CORRUPTION.apply(text, at, draw) for at in keyboard.CORRUPTION.severities]
        changed = [
            {p for p, (a, b) in enumerate(zip(text, t, strict=True)) if a != b} for t in typed
        ]
        assert all(mild <= worse for mild, worse in itertools.pairwise(changed))


def test_damage_rises_for_each_sample():
    text = "a small dog runs across the wide green field near two old wooden houses"
    for name in ("keyboard", "ocr", "char_delete", "char_insert", "word_delete", "truncation"):
        corruption = parts.load("corruptions", f"text/{name}").CORRUPTION
        for i in range(50):
            draw = words(1, name, str(i))
            outs = [corruption.apply(text, at, draw) for at in corruption.severities]
            doses = [corruption.dose.measure(text, out) for out in outs]
            assert doses == sorted(doses)


def test_truncation_cuts_the_end_and_only_the_end():
    text = "eins zwei drei vier fünf sechs sieben acht neun zehn"
    for at, left in zip(truncation.CORRUPTION.severities, (9, 7, 5, 3, 1), strict=True):
        made = truncation.CORRUPTION.apply(text, at, words(0, "t", "a"))
        assert text.startswith(made)
        assert len(made.split()) == left


def test_a_share_inside_a_word_hits_at_least_one_character():
    at = keyboard.CORRUPTION.severities[0]._replace(word_share=1.0)
    made = keyboard.CORRUPTION.apply("go up in it", at, words(0, "k", "a"))
    pairs = zip(["go", "up", "in", "it"], made.split(" "), strict=True)
    assert all(sum(a != b for a, b in zip(x, y, strict=True)) == 1 for x, y in pairs)
