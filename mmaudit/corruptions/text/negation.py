"""Negation: statements turned into their opposite, as a careless annotator does."""

from functools import cache

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.lexicon import Lexicon, lexicon, read_replacements
from mmaudit.corruptions.text._words.replacement import UNITS, Replacement
from mmaudit.corruptions.text._words.words import Share
from mmaudit.doses.text import EDIT_RATE


@cache
def negations() -> Lexicon:
    """What each word of the bundled list may turn into."""
    return lexicon(read_replacements("negations.tsv"))


DENIED = Replacement(negations, apart=2)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=DENIED.one,
    batch=DENIED.many,
    severities=tuple(Share(share) for share in (0.2, 0.4, 0.6, 0.8, 1.0)),
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Negation of CheckList (Ribeiro et al. 2020, doi:10.18653/v1/2020.acl-main.442) by a"
    " list of our own: auxiliaries, articles, quantifiers and prepositions of English, with"
    " those of German, French, Spanish, Italian, Portuguese, Russian, Greek and Chinese that"
    " are not words of another of them. Shares 0.2 ... 1 are of the words that the list"
    " knows; a text with none of them stays as it is.",
)
