"""Unknown words: words that stand in no other text of the dataset, as misspelt ones do.

A stretch without spaces is one word, so that texts in Chinese, Japanese or Thai are all unknown,
and names are unknown until they come twice. Where that is so, it is a property of the dataset.
"""

import math
from functools import lru_cache

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._others import FEWEST, Others, count, once_each, slot
from mmaudit.checks.text._words import Text, encoded, words

LONGEST = 40  # characters of a word whose slot is remembered


def measure(text: Text, others: Others) -> float:
    """Share of its different words that stand in no other text."""
    counts = others.counts_without(text)
    return (len(counts) - np.count_nonzero(counts)) / len(counts) if len(counts) else math.nan


def _words(text: Text) -> Ints:
    return once_each(_remembered(w) if len(w) <= LONGEST else _slot(w) for w in text.words)


def _slot(word: str) -> int:
    return slot(encoded(word))


_remembered = lru_cache(1 << 16)(_slot)  # most words of a dataset are words of other texts too


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="hapax legomena of the dataset, the text itself left out; ours",
    finding="has words that no other text has",
    suggestion="look for misspellings, other languages and names",
    sees=(
        "text/misspelling",
        "text/char_insert",
        "text/char_substitute",
        "text/keyboard",
        "text/char_repeat",
        "text/ocr",
        "text/whitespace",
        "text/char_swap",
        "text/homoglyph",
    ),
    scale="counts",
    learn=lambda texts: count(texts, _words),
    fewest=FEWEST,
)
