"""Keyboard: letters replaced by keys next to them, as typed in haste."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.characters import GRID, REPLACE, UNITS, Characters, Shares
from mmaudit.corruptions.text._words.keyboards import neighbours
from mmaudit.doses.text import EDIT_RATE

PRESSED = Characters(REPLACE, neighbours)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=PRESSED.one,
    batch=PRESSED.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044); 0.3 of"
    " the characters of a word as in nlpaug 1.1.11's KeyboardAug. Unlike both, rates are exact at"
    " every length, words of any length count, and the layout follows the script of the text. A"
    " Han character becomes one of the same Mandarin syllable, as typed by pinyin.",
    version=2,
)
