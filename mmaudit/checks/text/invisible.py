"""Invisible: characters that nobody sees, and that a tokenizer does.

Format, control, private and unassigned characters, and U+FFFD, which stands for what could not be
decoded. Tabs and ends of lines are none of them, nor are the joiners and marks of direction that
scripts from Hebrew on, and emoji, are written with.
"""

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, category, words

UNSEEN = {"Cf", "Cc", "Co", "Cn", "Cs"}
LAYOUT = "\t\n\r"
LOST = "\ufffd"
JOINERS = "\u200c\u200d\u200e\u200f"  # joiner, non-joiner, marks of direction
BEYOND_LATIN = "\u0590"  # the first script that needs them is Hebrew
EMOJI = "\U0001f000"
LATIN_AGAIN = ("\u1e00", "\u1fff")  # further Latin and Greek letters


def measure(text: Text) -> float:
    """Share of invisible characters."""
    whole = text.text
    if whole.isprintable() and LOST not in whole:
        return 0.0
    pairs = zip(" " + whole, whole, strict=False)
    return text.share_of_characters(sum(_invisible(before, each) for before, each in pairs))


def _invisible(before: str, character: str) -> bool:
    if character in LAYOUT:
        return False
    if character == LOST:
        return True
    if category(character) not in UNSEEN:
        return False
    return not (category(character) == "Cf" and _belongs(before, character))


def _belongs(before: str, character: str) -> bool:
    """Whether a format character is part of how what stands before it is written."""
    if before >= EMOJI:
        return True
    latin = before < BEYOND_LATIN or LATIN_AGAIN[0] <= before <= LATIN_AGAIN[1]
    return character in JOINERS and not latin


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="general categories of the Unicode Character Database; exceptions: ours",
    finding="has characters that cannot be seen",
    suggestion="remove them; look for what they were copied from",
    sees=("text/zero_width", "text/bidi"),
    limit=0.0,
    scale="counts",
)
