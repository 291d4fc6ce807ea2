"""Word delete: words left out, as in careless transcripts."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import DELETE, GRID, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

LEFT_OUT = WordEdit(DELETE)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=LEFT_OUT.one,
    batch=LEFT_OUT.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Random deletion of EDA (Wei and Zou 2019, doi:10.18653/v1/D19-1670) at the word rates"
    " 0.05 ... 0.25 of MM_Robustness (Qiu et al. 2024, arXiv:2212.08044). Unlike EDA, the rate is"
    " exact at every length, so that a text of one word is emptied at that rate; the white space"
    " of the words that stay is kept.",
)
