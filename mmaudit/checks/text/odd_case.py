"""Odd case: capitals stand inside words, or whole words are capitals."""

import re

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, words

INSIDE = re.compile(r"[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]")
SHOUTED = 4  # letters; shorter ones are abbreviations


def measure(text: Text) -> float:
    """Share of words with a capital after a small letter, or of four capitals or more."""
    return text.share_of_words(sum(map(_is_odd, text.spelled)))


def _is_odd(word: str) -> bool:
    if word.islower():
        return False
    return bool(INSIDE.search(word)) or (len(word) >= SHOUTED and word.isupper())


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="has capitals where none belong",
    suggestion="lower them, if the model tells them apart",
    sees=("text/case",),
    scale="counts",
)
