"""Mixed script: letters of several alphabets stand in one word, as in a forged address.

Han, kana and hangul go together, and letters that belong to no script go with all.
"""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.scripts import script_of
from mmaudit.checks.text._words import Text, words


def measure(text: Text) -> float:
    """Share of words that mix scripts."""
    if text.text.isascii():
        return 0.0
    return text.share_of_words(sum(map(_mixes, text.spelled)))


def _mixes(word: str) -> bool:
    return not word.isascii() and len({script for c in word if (script := script_of(c))}) > 1


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
