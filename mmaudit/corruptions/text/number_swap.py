"""Number swap: numbers replaced by others of as many digits."""

from functools import cache

from mmaudit.corruptions.base import Corruption
from mmaudit.corruptions.text._words.alphabets import digits
from mmaudit.corruptions.text._words.lexicon import Lexicon, lexicon, read_replacements
from mmaudit.corruptions.text._words.replacement import UNITS, Replacement
from mmaudit.corruptions.text._words.words import Share
from mmaudit.doses.text import EDIT_RATE


@cache
def number_words() -> Lexicon:
    """What each word of the bundled list may turn into."""
    return lexicon(read_replacements("numbers.tsv"))


MISCOUNTED = Replacement(number_words, digits)

CORRUPTION: Corruption[str, Share] = Corruption(
    apply=MISCOUNTED.one,
    batch=MISCOUNTED.many,
    severities=tuple(Share(share) for share in (0.2, 0.4, 0.6, 0.8, 1.0)),
    units=UNITS,
    keeps=frozenset(),
    dose=EDIT_RATE,
    source="Number swaps of CheckList (Ribeiro et al. 2020, doi:10.18653/v1/2020.acl-main.442):"
    " every digit of a hit number changes, in its own script and never to zero; number words"
    " turn into others of a list of our own. Shares 0.2 ... 1 of the numbers; a text without"
    " numbers stays as it is.",
)
