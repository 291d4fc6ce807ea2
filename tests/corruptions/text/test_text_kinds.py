"""What each text corruption does, and what it leaves alone."""

import re

import pytest

from mmaudit import parts
from mmaudit.corruptions.text._words.alphabets import digits, letters, other_case
from mmaudit.corruptions.text._words.keyboards import neighbours
from mmaudit.corruptions.text._words.lexicon import read_replacements
from mmaudit.corruptions.text._words.tables import read_json, table
from mmaudit.seeds import words

TEXT = "A brown dog runs across the green grass while 12 children watch from the old fence."


def load(name):
    return parts.load("corruptions", f"text/{name}").CORRUPTION


def made(name, text=TEXT, severity=5, draws=30, **changed):
    corruption = load(name)
    at = corruption.at(severity)._replace(**changed)
    return [corruption.apply(text, at, words(0, name, str(i))) for i in range(draws)]


def entries(found, character):
    row = found.index[min(ord(character), found.index.size - 1)]
    if row < 0:
        return set()
    rows = found.cells[row, : found.sizes[row]].tolist()
    return {"".join(map(chr, cell[: cell.index(0)])) for cell in rows}


@pytest.mark.parametrize(
    ("key", "beside"),
    [
        ("g", set("tyfhvb")),
        ("G", set("TYFHVB")),
        ("a", set("qwsz")),
        ("п", set("енарми")),
        ("ß", set("0´pü")),
    ],
)
def test_keys_have_the_neighbours_of_their_layout(key, beside):
    assert entries(neighbours(), key) == beside


def test_keyboard_replaces_by_neighbours_and_nothing_else():
    for text in made("keyboard"):
        pairs = [(a, b) for a, b in zip(TEXT, text, strict=True) if a != b]
        assert pairs
        assert all(b in entries(neighbours(), a) for a, b in pairs)


def test_alphabets_offer_the_others():
    assert entries(letters(), "b") == set("acdefghijklmnopqrstuvwxyz")
    assert entries(letters(), "7") == set("012345689")
    assert entries(letters(), "é") == set("abcdefghijklmnopqrstuvwxyz")
    assert entries(letters(), ".") == set()
    assert entries(letters(), "\U0001f600") == set()
    assert entries(other_case(), "ß") == {"SS"}
    assert entries(digits(), "٣") == set("١٢٤٥٦٧٨٩")


@pytest.mark.parametrize("name", ["ocr", "homoglyphs", "leetspeak"])
def test_lists_of_signs_are_sound(name):
    found = table(read_json(f"{name}.json"))
    assert found.sizes.min() >= 1


@pytest.mark.parametrize("name", ["misspellings", "synonyms", "negations", "numbers"])
def test_lists_of_words_are_sound(name):
    for word, values in read_replacements(f"{name}.tsv").items():
        assert word == word.lower()
        assert values
        assert word not in values
        assert not re.search(r"\s", word)


@pytest.mark.parametrize("name", ["char_insert", "char_repeat"])
def test_insertions_leave_the_text_in_order(name):
    for text in made(name):
        rest = iter(text)
        assert len(text) > len(TEXT)
        assert all(character in rest for character in TEXT)


def test_char_delete_leaves_a_letter_of_each_word():
    for text in made("char_delete", "a to the it", word_share=1.0):
        assert all(text.split(" "))


def test_char_swap_moves_letters_within_words():
    for text in made("char_swap"):
        assert text != TEXT
        pairs = zip(TEXT.split(), text.split(), strict=True)
        assert all(sorted(a) == sorted(b) for a, b in pairs)


def test_equal_neighbours_are_not_swapped():
    assert made("char_swap", "oo ee zz", word_share=1.0) == ["oo ee zz"] * 30


def test_homoglyphs_look_alike_and_are_others():
    for text in made("homoglyph"):
        changed = [b for a, b in zip(TEXT, text, strict=True) if a != b]
        assert changed
        assert all(ord(b) > 127 for b in changed)


def test_zero_width_characters_are_all_that_is_added():
    for text in made("zero_width"):
        assert text != TEXT
        assert re.sub("[\u200b\u200c\u2060\ufeff]", "", text) == TEXT


def test_bidi_undone_is_the_text():
    for text in made("bidi"):
        assert text != TEXT
        assert re.sub("[\u202e\u202d](.*?)\u202c", lambda m: m[1][::-1], text) == TEXT


def test_case_and_whitespace_change_nothing_else():
    assert all(t != TEXT and t.lower() == TEXT.lower() for t in made("case"))
    plain = TEXT.replace(" ", "")
    spaced = made("whitespace", share=0.5)
    assert all(t != TEXT and t.replace(" ", "") == plain for t in spaced)
    lengths = [len(t) - len(TEXT) for t in spaced]
    assert min(lengths) < 0 < max(lengths)  # some joins, some breaks


def test_punctuation_comes_as_marks_of_its_own():
    for text in made("punctuation"):
        assert re.sub(r"(^| )[.,!?;:](?= )", "", text).strip() == TEXT
        assert text != TEXT


def test_words_are_moved_doubled_and_borrowed_from_the_text():
    clean = TEXT.split()
    assert all(sorted(t.split()) == sorted(clean) for t in made("word_swap"))
    for text in made("word_repeat"):
        again = text.split()
        kept = [w for i, w in enumerate(again) if i == 0 or w != again[i - 1]]
        assert kept == clean
        assert again != clean
    for text in made("word_insert"):
        rest = iter(text.split())
        assert all(word in rest for word in clean)
        assert set(text.split()) == set(clean)
        assert text != TEXT


def test_white_space_of_what_stays_is_kept():
    text = "  one\ttwo\n\nthree   four "
    assert made("word_delete", text, share=1.0)[0] == "   "
    for shorter in made("word_delete", text, share=0.5):
        assert shorter.startswith("  ")
        assert shorter.endswith(" ")
    masked = made("mask_word", text, share=1.0)[0]
    assert masked == "  _\t_\n\n_   _ "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The dog is old.", {"The dog is not old."}),
        ("The dog isn't old.", {"The dog is old."}),
        ("He did not see it.", {"He did see it."}),
        ("A man with a hat", {"No man with no hat"}),
        ("WITHOUT doubt", {"WITH doubt"}),
        ("这是我", {"这不是我"}),
        ("Blue sky", {"Blue sky"}),
    ],
)
def test_negation_turns_statements_round_once(text, expected):
    assert set(made("negation", text, share=1.0)) == expected


def test_numbers_become_others_of_as_many_digits():
    for text in made("number_swap", "In 1990, 3 of two thousand dogs, ٤٢ km, 5th.", share=1.0):
        assert re.fullmatch(r"In \d{4}, \d of \w+ \w+ dogs, [٠-٩]{2} km, \dth\.", text)
        assert all(a != b for a, b in zip("19903", re.sub(r"[^0-9]", "", text), strict=False))
        assert " two " not in text


def test_capitals_are_kept():
    assert {t.split()[0] for t in made("misspelling", "The end", share=1.0)} <= {"Teh", "Hte"}
    assert {t.split()[0] for t in made("misspelling", "THE END", share=1.0)} <= {"TEH", "HTE"}
    assert "Large" in {t.strip("!,") for t in made("word_synonym", "Big!", share=1.0)}


def test_a_listed_word_is_found_between_quotes():
    assert set(made("word_synonym", "“puppy”, 'puppy'", share=1.0)) == {"“pup”, 'pup'"}


def test_a_borrowed_caption_comes_from_the_end():
    corruption = load("caption_of_other_sample")
    donor = ("three red boats sail past the long sandy beach today",)
    clean = "a small dog runs across the wide green field now"
    for severity, own in zip(range(1, 6), (8, 6, 4, 2, 0), strict=True):
        draw = words(0, "c", "a")
        text = corruption.apply(clean, corruption.at(severity), draw, donors=donor)
        assert text.split() == clean.split()[:own] + donor[0].split()[own:]
    assert text == donor[0]
    assert corruption.apply("", corruption.at(5), words(0, "c", "b"), donors=donor) == donor[0]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("红色的小鸟站在屋顶上", "红: 宏洪鸿虹轰哄烘弘"),
        ("カメラ", "カ: オヤスンハキ"),
        ("นกตัวเล็ก", "ก: พหดปแ"),
    ],
)
def test_scripts_without_letters_of_their_own_are_typed_too(text, typed):
    part = parts.load("corruptions", "text/keyboard").CORRUPTION
    at = part.severities[4]._replace(word_share=1.0)
    worse = {part.apply(text, at, words(0, "k", str(i))) for i in range(40)}
    assert len(worse - {text}) > 5
    key, others = typed.split(": ")
    beside = {w[i] for w in worse for i, c in enumerate(text) if c == key and len(w) == len(text)}
    assert beside - {key} <= set(others)
    assert beside - {key}
