"""Char swap: neighbouring characters that changed places."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import GRID, SWAP, UNITS, Characters, Shares
from mmaudit.doses.text import EDIT_RATE

CHANGED_PLACES = Characters(SWAP)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=CHANGED_PLACES.one,
    batch=CHANGED_PLACES.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044), 0.3 of"
    " the characters of a word as in nlpaug 1.1.11. Unlike both, rates are exact at every"
    " length and words of any length count. Equal neighbours are not swapped, so a swap"
    " always shows.",
)
