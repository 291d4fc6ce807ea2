"""OCR: characters read as others of like shape, as by text recognition of a bad scan."""

from functools import cache

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import GRID, REPLACE, UNITS, Characters, Shares
from mmaudit.corruptions.text._words.tables import CodeTable, read_json, table
from mmaudit.doses.text import EDIT_RATE


@cache
def confusions() -> CodeTable:
    """What each character may turn into."""
    return table(read_json("ocr.json"))


MISREAD = Characters(REPLACE, confusions)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=MISREAD.one,
    batch=MISREAD.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044), 0.3 of"
    " the characters of a word as in nlpaug 1.1.11. Unlike both, rates are exact at every"
    " length and words of any length count. Confusions are an own list of shapes that are"
    " alike in Latin, Cyrillic, Greek, Hebrew, Arabic, Devanagari, kana and Han.",
)
