"""Case: letters in the wrong case, as with a caps lock key hit in passing."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.alphabets import other_case
from mmaudit.corruptions.text._words.characters import GRID, REPLACE, UNITS, Characters, Shares
from mmaudit.doses.text import EDIT_RATE

CASE_LOST = Characters(REPLACE, other_case)

CORRUPTION: Corruption[str, Shares] = Corruption(
    apply=CASE_LOST.one,
    batch=CASE_LOST.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="ChangeCase of AugLy (Papakipos and Bitton 2022, arXiv:2201.06494) by letter, at the"
    " rates of the other character corruptions: words 0.05 ... 0.25, 0.3 of the letters of a"
    " word. Scripts without case stay as they are.",
)
