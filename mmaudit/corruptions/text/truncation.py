"""Truncation: the end of the text cut off, as by a length limit."""

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.words import TRUNCATE, UNITS, Share, WordEdit
from mmaudit.doses.text import EDIT_RATE

CUT_OFF = WordEdit(TRUNCATE)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=CUT_OFF.one,
    batch=CUT_OFF.many,
    severities=tuple(Share(share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)),
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="A share of the words is cut off from the end, exact at every length. Constants are our"
    " own: a tenth to nine tenths.",
)
