"""Misspelling: words spelled in a way that people often get wrong."""

from functools import cache

from mmaudit.corruptions._doses.text import EDIT_RATE
from mmaudit.corruptions._text.lexicon import Lexicon, lexicon, read_replacements
from mmaudit.corruptions._text.replacement import GRID, UNITS, Replacement
from mmaudit.corruptions._text.words import Share
from mmaudit.corruptions.base import Corruption


@cache
def known() -> Lexicon:
    """What each word of the bundled list may turn into."""
    return lexicon(read_replacements("misspellings.tsv"))


MISSPELT = Replacement(known)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=MISSPELT.one,
    batch=MISSPELT.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="SpellingAug of nlpaug 1.1.11 and misspellings of MMCBench. The list is our own: common"
    " errors of English, with a few of German, French, Spanish and Russian. Shares 0.1 ..."
    " 0.5 are of the words that the list knows.",
)
