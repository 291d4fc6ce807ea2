"""Zero width: characters that no reader sees put between letters, as from web pages."""

from functools import cache

import numpy as np

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import GRID, INSERT, UNITS, Characters, Shares
from mmaudit.corruptions.text._words.tables import CodeTable
from mmaudit.doses.text import EDIT_RATE

# zero width space, zero width non-joiner, word joiner, zero width no-break space
INVISIBLE = (0x200B, 0x200C, 0x2060, 0xFEFF)


@cache
def anywhere() -> CodeTable:
    """Every character may have any of them before it."""
    cells = np.array([[[code, 0] for code in INVISIBLE]], np.uint32)
    return CodeTable(np.zeros(1, np.int32), np.array([len(INVISIBLE)], np.int64), cells)


HIDDEN = Characters(INSERT, anywhere)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=HIDDEN.one,
    batch=HIDDEN.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="InsertZeroWidthChars of AugLy (Papakipos and Bitton 2022, arXiv:2201.06494): before"
    " 0.3 of the characters of a word, words 0.05 ... 0.25. The zero width joiner is left"
    " out, since it makes other emoji.",
)
