"""Checks of texts: what they find, and what they leave alone, in several languages."""

import math

import pytest

from mmaudit import parts
from mmaudit.testing.clean_values import clean_values

PLAIN = [
    "A brown dog runs across the grass.",
    "Il était allé…” dit-elle, à l’été.",
    "FÜR “SCHÖNE GRÜSSE” AUS KÖLN — 25 °C, 5 €.",
    "¿Dónde está el niño? ¡Aquí!",
    "東京タワーとスカイツリー、夜の景色",
    "한국어 문장과 漢字",
    "می‌خواهم کتاب‌ها را بخوانم",
    "שלום\u200f עולם",
    "Привет, мир! Ещё раз.",
    "क्\u200dष नमस्ते",
    "A family 👩‍👩‍👧‍👦 waves a flag 🇩🇪 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "2nd place: 10km in 41min",
    "tabs\tand\nlines",
]


def number(name, text, *learnt):
    check = parts.load("checks", f"text/{name}").CHECK
    return check.measure(check.view(text, 0.0), *learnt)


@pytest.mark.parametrize(
    "name", ["invisible", "mojibake", "mixed_script", "markup", "placeholder", "digits_in_words"]
)
def test_good_text_of_any_script_is_left_alone(name):
    assert {text: number(name, text) for text in PLAIN} == dict.fromkeys(PLAIN, 0.0)


GARBLED = [
    "café",
    "naïve",
    "Ünïcödé",
    "“quoted”",
    "it’s",
    "東京",
    "Привет",
    "für Österreich",
    "50 €",
]


def garbled(text, encoding):
    try:
        return text.encode().decode(encoding)
    except UnicodeDecodeError:  # cp1252 has no such byte
        return None


def test_utf_8_that_was_read_as_something_else_is_seen():
    broken = [garbled(text, encoding) for text in GARBLED for encoding in ("latin-1", "cp1252")]
    assert [text for text in broken if text and number("mojibake", text) == 0] == []
    assert [text for text in GARBLED if number("mojibake", text)] == []


BLANK = ["", "  ", "N/A", "none", "Untitled", "TODO", "???", "---", "IMG_0042.jpg", "photo 12"]
BLANK += [
    "no caption available",
    "Lorem ipsum dolor",
    "[deleted]",
    "#REF!",
    "<unk>",
    "add text here",
]
SPOKEN_OF = [
    "a test pattern on a screen",
    "no dogs are in the photo",
    "An image of 12 cats",
    "7 up",
]


def test_placeholders_are_told_from_texts_that_speak_of_them():
    assert [text for text in BLANK if not number("placeholder", text)] == []
    assert [text for text in SPOKEN_OF if number("placeholder", text)] == []


def test_shares_are_what_they_say():
    assert number("length", "two words") == 2
    assert number("repetition", "the dog the dog the dog") == pytest.approx(3 / 5)
    assert number("repetition", "very very good") == pytest.approx(1 / 2)
    assert number("odd_case", "tHe LOUD USA dog") == pytest.approx(2 / 4)
    assert number("odd_characters", "a#b$") == pytest.approx(2 / 4)
    assert number("invisible", "a\u200bb\u202e") == pytest.approx(2 / 4)
    assert number("mixed_script", "pаypal is latin") == pytest.approx(1 / 3)  # one а is Cyrillic
    assert number("markup", "<b>hi</b>") == pytest.approx(7 / 9)
    assert number("digits_in_words", "l1ke this") == pytest.approx(1 / 2)


@pytest.fixture(scope="module")
def corpus():
    return clean_values("text", 310)


def learnt(name, texts):
    check = parts.load("checks", f"text/{name}").CHECK
    return check.learn(check.view(text, 0.0) for text in texts)


def test_a_text_is_no_evidence_for_itself_however_often_it_stands_there(corpus):
    strange = "Zyxwv qqqq dog near the river."
    for name in ("unknown_words", "odd_spelling"):
        without = number(name, strange, learnt(name, corpus))
        within = number(name, strange, learnt(name, [*corpus, strange, strange]))
        assert within == pytest.approx(without), name


def test_words_that_no_other_text_has_are_counted(corpus):
    others = learnt("unknown_words", corpus)
    assert number("unknown_words", corpus[0], others) == 0
    assert number("unknown_words", "the dog zyxwv", others) == pytest.approx(1 / 3)
    assert math.isnan(number("unknown_words", "!!!", others))


def test_phrases_of_many_texts_are_boilerplate(corpus):
    notice = "all rights reserved by the photo agency"
    texts = [f"{text} {notice} {i}" for i, text in enumerate(corpus)]
    others = learnt("boilerplate", texts)
    assert number("boilerplate", notice, others) == 1
    assert number("boilerplate", "a line of words that nobody has written yet", others) == 0
