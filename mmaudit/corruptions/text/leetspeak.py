"""Leetspeak: letters replaced by digits and signs that look like them, as in evasive spelling."""

from functools import cache

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import GRID, REPLACE, UNITS, Characters, Shares
from mmaudit.corruptions.text._words.tables import CodeTable, read_json, table
from mmaudit.doses.text import EDIT_RATE


@cache
def signs() -> CodeTable:
    """What each character may turn into."""
    return table(read_json("leetspeak.json"))


ENCODED = Characters(REPLACE, signs)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=ENCODED.one,
    batch=ENCODED.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Leetspeak of AugLy's EncodeText and of MMCBench, by letter, 0.3 of the letters of a"
    " word, words 0.05 ... 0.25; own list.",
)
