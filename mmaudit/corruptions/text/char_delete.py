"""Char delete: characters left out of words."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import DELETE, GRID, UNITS, Characters, Shares
from mmaudit.doses.text import EDIT_RATE

LEFT_OUT = Characters(DELETE)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=LEFT_OUT.one,
    batch=LEFT_OUT.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044), 0.3 of"
    " the characters of a word as in nlpaug 1.1.11. Unlike both, rates are exact at every"
    " length and words of any length count. A word keeps at least one character; a sign of a"
    " script without spaces, which is a word, may go.",
)
