"""Unknown words: words that stand in no other text of the dataset, as misspelt ones do.

A stretch without spaces is one word, so that texts in Chinese, Japanese or Thai are all unknown,
and names are unknown until they come twice. Where that is so, it is a property of the dataset.
"""

import math

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._others import FEWEST, Others, count, once_each
from mmaudit.checks.text._words import Text, words


def measure(text: Text, others: Others) -> float:
    """Share of its different words that stand in no other text."""
    slots, counts = others.counts_without(text)
    return float(np.count_nonzero(counts == 0) / len(slots)) if len(slots) else math.nan


def _words(text: Text) -> Ints:
    return once_each(text.words)


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
