"""Text from data, made safe to read: what cannot be seen is shown by its code point.

A right-to-left override turns a file name round, and a zero-width space hides in a word. Escaping
does not help against them, since they are text. Emoji and Persian need the zero-width joiner and
non-joiner, so those two stay.
"""

import re

LONGEST = 2000  # characters of one text that a page shows
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad"
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str, *, longest: int = LONGEST) -> str:
    """The text with control, bidi and other unseen characters as ``⟦U+202E⟧``, cut if very long."""
    cut = text[:longest]
    shown = HIDDEN.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", cut)
    return shown if len(text) <= longest else f"{shown}… ({len(text):,} characters)"
