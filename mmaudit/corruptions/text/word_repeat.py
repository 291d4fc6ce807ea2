"""Word repeat: words written twice, as in stuttering transcripts."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import GRID, REPEAT, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

SAID_TWICE = WordEdit(REPEAT)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=SAID_TWICE.one,
    batch=SAID_TWICE.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Repeated tokens of MMCBench at the word rates 0.05 ... 0.25 of MM_Robustness (Qiu et"
    " al. 2024, arXiv:2212.08044), exact at every length.",
)
