"""Mask word: words replaced by a blank sign, as where a transcript is illegible."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import GRID, MASKED, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

BLOTTED = WordEdit(MASKED, "_")

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=BLOTTED.one,
    batch=BLOTTED.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Words replaced by an underscore as in QMF (Zhang et al. 2023, arXiv:2306.02050) at the"
    " word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044), exact"
    " at every length.",
)
