"""Bidi: words stored backwards between direction marks, so that they look as before."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import GRID, REVERSE, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

# right-to-left override, left-to-right override, pop directional formatting
OVERRIDES = "\u202e\u202d\u202c"
TURNED = WordEdit(REVERSE, OVERRIDES)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=TURNED.one,
    batch=TURNED.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="ReplaceBidirectional of AugLy (Papakipos and Bitton 2022, arXiv:2201.06494), by word"
    " at the word rates 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044),"
    " exact at every length.",
)
