"""Misspelling: words spelled in a way that people often get wrong."""

from functools import cache

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.lexicon import Lexicon, lexicon, read_replacements
from mmaudit.corruptions.text._words.replacement import GRID, UNITS, Replacement
from mmaudit.corruptions.text._words.words import Share
from mmaudit.doses.text import EDIT_RATE


@cache
def misspellings() -> Lexicon:
    """What each word of the bundled list may turn into."""
    return lexicon(read_replacements("misspellings.tsv"))


MISSPELT = Replacement(misspellings)

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
