"""Word insert: words of the same text said again at a wrong place."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import GRID, INSERT, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

OUT_OF_PLACE = WordEdit(INSERT)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=OUT_OF_PLACE.one,
    batch=OUT_OF_PLACE.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Random insertion of EDA (Wei and Zou 2019, doi:10.18653/v1/D19-1670) at the word rates"
    " 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044), exact at every"
    " length. EDA inserts a synonym from WordNet; here it is a word of the same text, so"
    " that it works in every language.",
)
