"""Odd characters: much of the text is neither letters, numbers nor the usual punctuation."""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, category, words

USUAL = frozenset(".,'\"-?!’()。、，")


def measure(text: Text) -> float:
    """Share of characters that are no letter, mark, number, space or usual punctuation."""
    return text.share_of_characters(sum(map(_is_odd, text.text)))


def _is_odd(character: str) -> bool:
    if character.isalnum() or character.isspace() or character in USUAL:
        return False
    return category(character)[0] != "M"


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
