"""Mixed script: letters of several alphabets stand in one word, as in a forged address.

Han, kana and hangul go together, and letters that belong to no script go with all.
"""

import unicodedata
from functools import cache

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, words

EAST_ASIAN = {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "CJK", "HANGUL", "IDEOGRAPHIC"}
COMMON = {"MODIFIER", "FEMININE", "MASCULINE", "MICRO", "FULLWIDTH", "HALFWIDTH"}


def measure(text: Text) -> float:
    """Share of words that mix scripts."""
    if text.text.isascii():
        return 0.0
    return text.share_of_words(sum(map(_mixes, text.spelled)))


def _mixes(word: str) -> bool:
    return not word.isascii() and len({script for c in word if (script := _script(c))}) > 1


@cache
def _script(character: str) -> str:
    """The first word of a letter's name in Unicode, which is its script; empty of others."""
    if not character.isalpha():
        return ""
    script = unicodedata.name(character, "").partition(" ")[0]
    if script in EAST_ASIAN:
        return "CJK"
    return "" if script in COMMON else script


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="single-script test of Unicode Technical Standard 39; a script by the names of letters",
    finding="mixes alphabets within words",
    suggestion="look for look-alike letters; map them back to the alphabet of the word",
    sees=("text/homoglyph",),
    scale="counts",
)
