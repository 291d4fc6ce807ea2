"""Word swap: neighbouring words that changed places."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import GRID, SWAP, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

CHANGED_PLACES = WordEdit(SWAP)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=CHANGED_PLACES.one,
    batch=CHANGED_PLACES.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Random swap of EDA (Wei and Zou 2019, doi:10.18653/v1/D19-1670) with the next word at"
    " the word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044),"
    " exact at every length. The share is of neighbouring pairs; swaps are made from left to"
    " right.",
)
