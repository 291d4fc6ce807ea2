"""Char repeat: characters typed twice, as by a key that sticks."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import GRID, REPEAT, UNITS, Characters, Shares
from mmaudit.doses.text import EDIT_RATE

STUCK = Characters(REPEAT)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=STUCK.one,
    batch=STUCK.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Sticky keys of MultiBench (Liang et al. 2021, arXiv:2107.07502) and repeated"
    " characters of MMCBench, at the rates of the other character corruptions: words 0.05"
    " ... 0.25, 0.3 of the characters of a word.",
)
