"""Whitespace: words run together or broken apart, as after bad line breaks."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import GRID, SPACING, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

RUN_TOGETHER = WordEdit(SPACING)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=RUN_TOGETHER.one,
    batch=RUN_TOGETHER.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="SplitAug of nlpaug 1.1.11, MergeWords and SplitWords of AugLy (arXiv:2201.06494) at"
    " the word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044),"
    " exact at every length. Each hit word is joined with the one before or broken, evenly"
    " where both can be.",
)
