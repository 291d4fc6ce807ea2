"""Punctuation: punctuation marks strewn between words."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import GRID, MARK, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

STREWN = WordEdit(MARK, ".,!?;:")

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=STREWN.one,
    batch=STREWN.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Insertion of . , ! ? ; : before random words as AEDA does (Karimi et al. 2021,"
    " arXiv:2108.13230) at the word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024,"
    " arXiv:2212.08044), exact at every length.",
)
