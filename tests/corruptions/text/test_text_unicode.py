"""Any language: graphemes stay whole, scripts without spaces have words, directions are known."""

import collections

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit import parts
from mmaudit.corruptions.text import bidi, word_delete, word_swap
from mmaudit.corruptions.text._words.choose import segment
from mmaudit.corruptions.text._words.flat import flatten, graphemes, unflatten
from mmaudit.corruptions.text._words.words import Share
from mmaudit.seeds import words

ODD = "👩‍👩‍👧‍👦a 🇩🇪b 👍🏽c e\u0301d\u0323\u0307 क्षि नि ไก่กี่ 각\u1100\u1161\u11a8 x\u20e3"
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(list("ab \t\r\n.,1é中ไกשم\u0301\u0308\u200d\u200c🇩🇪👍🏽👩क्ष\u094d가각")),
    ),
    max_size=30,
)
WHOLE = ("char_delete", "char_swap", "char_repeat", "word_delete", "word_swap", "word_repeat")


def spans(text):
    flat = flatten([text])
    places, first, last = (np.empty(flat.codes.size + 1, np.int64) for _ in range(3))
    found, count = np.empty(2, np.int64), np.empty(2, np.int64)
    segment(*flat.arrays, places, first, last, found, count)
    return places[: found[1] + 1].tolist(), first[: count[1]].tolist(), last[: count[1]].tolist()


@settings(max_examples=400, deadline=None)
@given(HOSTILE)
def test_graphemes_are_those_of_the_standard(text):
    """The shortcut for texts in which nothing joins must not be taken by one in which it does."""
    places, _, _ = spans(text)
    expected = [match.start() for match in regex.finditer(r"\X", text)]
    assert places == [*expected, len(text)]


@settings(max_examples=200, deadline=None)
@given(st.lists(HOSTILE, max_size=5))
def test_texts_come_back_from_the_buffer(texts):
    flat = flatten(texts)
    assert unflatten(flat.codes, flat.offsets) == texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two words", ["two", "words"]),
        ("  lead and\ttrail\u3000", ["lead", "and", "trail"]),
        ("这是 a测试。", ["这", "是", "a", "测", "试", "。"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("👨‍👩‍👧 ok", ["👨‍👩‍👧", "ok"]),
        (" ", []),
    ],
)
def test_words_of_many_scripts(text, expected):
    places, first, last = spans(text)
    assert [text[places[a] : places[b]] for a, b in zip(first, last, strict=True)] == expected


@pytest.mark.parametrize("name", WHOLE)
def test_no_grapheme_is_torn(name):
    corruption = parts.load("corruptions", f"text/{name}").CORRUPTION
    known = set(graphemes(ODD))
    for i in range(40):
        made = corruption.apply(ODD, corruption.severities[4], words(0, name, str(i)))
        assert set(graphemes(made)) <= known


def test_a_replaced_letter_keeps_its_marks():
    corruption = parts.load("corruptions", "text/char_substitute").CORRUPTION
    at = corruption.severities[4]._replace(word_share=1.0, character_share=1.0)
    made = corruption.apply("e\u0301a\u0323\u0307", at, words(0, "m", "a"))
    assert made[1] == "\u0301"
    assert made[3:] == "\u0323\u0307"
    assert made[0] != "e"
    assert made[2] != "a"


def test_letters_stay_in_their_script_and_case():
    corruption = parts.load("corruptions", "text/char_substitute").CORRUPTION
    at = corruption.severities[4]._replace(word_share=1.0, character_share=1.0)
    scripts = {"Latin": "abcXYZ", "Cyrillic": "приветМИР", "Greek": "αβγΔΕΖ", "Hebrew": "שלום"}
    for script, text in scripts.items():
        made = corruption.apply(text, at, words(0, "s", script))
        assert regex.fullmatch(rf"\p{{Script={script}}}+", made)
        assert [c.isupper() for c in made] == [c.isupper() for c in text]
        assert all(a != b for a, b in zip(text, made, strict=True))


def test_signs_of_scripts_without_spaces_go_one_by_one():
    text = "这是一个很好的测试句子"
    made = word_delete.CORRUPTION.apply(text, Share(0.3), words(0, "han", "a"))
    assert len(text) - 4 <= len(made) < len(text)
    swapped = word_swap.CORRUPTION.apply(text, Share(0.5), words(0, "han", "a"))
    assert collections.Counter(swapped) == collections.Counter(text)
    assert swapped != text


def test_direction_marks_fit_the_word():
    made = bidi.CORRUPTION.apply("abc שלום", Share(1.0), words(0, "b", "a"))
    assert made == "\u202ecba\u202c \u202dםולש\u202c"


def test_lone_surrogates_and_controls_pass_through():
    text = "\ud800 a\x00b \udfff\udc00"
    made = word_swap.CORRUPTION.apply(text, Share(1.0), words(0, "x", "a"))
    assert sorted(made) == sorted(text)
