"""Homoglyph: letters replaced by ones of another script that look the same."""

from functools import cache

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import GRID, REPLACE, UNITS, Characters, Shares
from mmaudit.corruptions.text._words.tables import CodeTable, read_json, table
from mmaudit.doses.text import EDIT_RATE


@cache
def lookalikes() -> CodeTable:
    """What each character may turn into."""
    return table(read_json("homoglyphs.json"))


LOOKALIKES = Characters(REPLACE, lookalikes)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=LOOKALIKES.one,
    batch=LOOKALIKES.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="ReplaceSimilarUnicodeChars of AugLy (Papakipos and Bitton 2022, arXiv:2201.06494), 0.3"
    " of the characters of a word, words 0.05 ... 0.25. The list is our own, of letters that"
    " Unicode Technical Standard 39 calls confusable.",
)
