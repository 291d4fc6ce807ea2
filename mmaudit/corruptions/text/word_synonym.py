"""Word synonym: words replaced by others of like meaning."""

from functools import cache

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.lexicon import Lexicon, lexicon, read_replacements
from mmaudit.corruptions.text._words.replacement import GRID, UNITS, Replacement
from mmaudit.corruptions.text._words.words import Share
from mmaudit.doses.text import EDIT_RATE


@cache
def synonyms() -> Lexicon:
    """What each word of the bundled list may turn into."""
    return lexicon(read_replacements("synonyms.tsv"))


REWORDED = Replacement(synonyms)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=REWORDED.one,
    batch=REWORDED.many,
    severities=GRID,
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Synonym replacement of EDA (Wei and Zou 2019, doi:10.18653/v1/D19-1670), with our own"
    " English list in place of WordNet. Shares 0.1 ... 0.5 are of the words that the list"
    " knows.",
)
