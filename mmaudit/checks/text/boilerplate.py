"""Boilerplate: the text is made of phrases that many other texts of the dataset have."""

import math
from itertools import accumulate

import numpy as np

from mmaudit.arrays import Ints
from mmaudit.checks.base import QualityCheck
from mmaudit.checks.text._others import FEWEST, Others, count, once_each, slot
from mmaudit.checks.text._words import Text, encoded, words

WORDS = 5  # of a phrase
MANY, AT_LEAST = 0.01, 3  # share of the other texts, and how many of them, that make it one


def measure(text: Text, others: Others) -> float:
    """Share of its phrases of five words that stand in 1 % of the other texts, and in three."""
    counts = others.counts_without(text)
    if not len(counts):
        return math.nan
    return np.count_nonzero(counts >= max(MANY * len(others.texts), AT_LEAST)) / len(counts)


def _phrases(text: Text) -> Ints:
    line = encoded(" ".join(text.words))
    lengths = map(len, text.words if line.isascii() else map(encoded, text.words))
    ends = [*accumulate(length + 1 for length in lengths)]  # of each word, and a space
    pairs = zip([0, *ends], ends[WORDS - 1 :], strict=False)
    return once_each(slot(line[start : end - 1]) for start, end in pairs)


CHECK = QualityCheck(
    view=words,
    measure=measure,
    unit="1",
    bad="high",
    source="frequent word n-grams; ours",
    finding="made of phrases that many others have",
    suggestion="remove what the phrases came from: templates, notices, signatures",
    scale="counts",
    learn=lambda texts: count(texts, _phrases),
    fewest=FEWEST,
)
