"""Repetition: the text says the same words again, as a model or a broken form does.

Long texts repeat pairs of words without fault.
"""

from itertools import pairwise

from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._words import Text, words


def measure(text: Text) -> float:
    """The larger share: pairs of words that came before, or words that follow themselves."""
    pairs = list(pairwise(text.words))
    if not pairs:
        return 0.0
    again = len(pairs) - len(set(pairs))
    return max(again, sum(first == second for first, second in pairs)) / len(pairs)


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="distinct n-grams: Li et al. 2016, arXiv:1510.03055; words next to themselves: ours",
    finding="repeats itself",
    suggestion="look for generated texts and broken forms",
    sees=("text/word_repeat",),
    scale="counts",
)
