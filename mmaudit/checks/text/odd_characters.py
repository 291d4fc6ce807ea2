"""Odd characters: much of the text is neither letters, numbers nor the usual punctuation."""

import re

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, category, words

CANDIDATES = re.compile(
    r"[^\w\s.,'\"\-?!’()。、，]|_"
)  # no letter, number, space, usual punctuation


def measure(text: Text) -> float:
    """Share of characters that are no letter, mark, number, space or usual punctuation."""
    marks = [category(character)[0] == "M" for character in CANDIDATES.findall(text.text)]
    return text.share_of_characters(marks.count(False))


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="ours",
    finding="has odd characters",
    suggestion="look for masks, symbols and the remains of markup",
    sees=("text/mask_word", "text/zero_width", "text/bidi"),
    scale="counts",
)
