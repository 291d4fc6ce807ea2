"""Char substitute: letters replaced by others of the same alphabet."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.alphabets import letters
from mmaudit.corruptions.text._words.characters import GRID, REPLACE, UNITS, Characters, Shares
from mmaudit.doses.text import EDIT_RATE

EXCHANGED = Characters(REPLACE, letters)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=EXCHANGED.one,
    batch=EXCHANGED.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044), 0.3 of"
    " the characters of a word as in nlpaug 1.1.11. Unlike both, rates are exact at every"
    " length and words of any length count. The letter comes from the alphabet, and has the"
    " case, of the one that it replaces; never the same.",
)
