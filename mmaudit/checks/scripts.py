"""Scripts: the alphabet that a letter, or most letters of a text, belong to."""

import unicodedata
from collections import Counter
from functools import cache

EAST_ASIAN = {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "CJK", "HANGUL", "IDEOGRAPHIC"}
COMMON = {"MODIFIER", "FEMININE", "MASCULINE", "MICRO", "FULLWIDTH", "HALFWIDTH"}
LETTERS = 200  # of a text that are looked at
LATIN = "LATIN"


@cache
def script_of(character: str) -> str:
    """The first word of a letter's name in Unicode, which is its script; empty of others.

    Han, kana and hangul go together, and letters that belong to no script have none.
    """
    if not character.isalpha():
        return ""
    script = unicodedata.name(character, "").partition(" ")[0]
    if script in EAST_ASIAN:
        return "CJK"
    return "" if script in COMMON else script


def main_script(text: str) -> str:
    """The script of most of the first letters of a text; empty where it has none.

    Example:
        >>> main_script("Привет, world?"), main_script("a photo of 2 dogs"), main_script("1989")
        ('CYRILLIC', 'LATIN', '')
    """
    start = text[:LETTERS]
    if start.isascii():
        return LATIN if any(map(str.isalpha, start)) else ""
    counts = Counter(filter(None, map(script_of, start)))
    return max(counts, key=lambda script: (counts[script], script), default="")
