"""Likeness: which samples a value could be mistaken for, by their words or their numbers."""

import re
from collections import Counter
from zlib import crc32

import numpy as np
from scipy import sparse

from mmaudit.arrays import Ints
from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows
from mmaudit.errors import UsageError

WORD = re.compile(r"[^\W\d_]{2,}")
BUCKETS = 1 << 20
CHUNK = 512
FIX = "a dataset with a text modality, or pairing/shuffle, which needs none"
# words that say nothing of what a picture shows; numbers and colours are left in
EMPTY = frozenset(
    """
    the an and or of in on at to for from with by as is are was were be been being it its this
    that these those there here he she they his her their him them you your we our not no into
    onto over under near while who which what where when has have had do does did one two
    three some several many other another each both very up down out off through across
    """.split()  # noqa: SIM905  a list of literals is a screen long
)


def texts_of(rows: Rows, what: str) -> list[str]:
    """The texts of the first text modality.

    Raises:
        UsageError: There is none.
    """
    if not rows.texts:
        raise UsageError(f"{what} needs a text for each sample", fix=FIX)
    return rows.texts[min(rows.texts)]


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case, without those that say nothing."""
    return [word for word in WORD.findall(text.lower()) if word not in EMPTY]


def features(rows: Rows) -> sparse.csr_matrix:
    """Unit vectors of the samples: tf-idf of their words, else their standardised numbers.

    Raises:
        UsageError: The samples have neither.
    """
    if rows.texts:
        return _tfidf([words_of(text) for text in texts_of(rows, "")])
    if rows.scores:
        columns = [row_selection.standardised(rows.scores[name]) for name in sorted(rows.scores)]
        dense = np.stack(columns, axis=1)
        dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-12)
        return sparse.csr_matrix(dense)
    raise UsageError("pairing/nearest_neighbour needs texts or numbers", fix=FIX)


def nearest(
    x: sparse.csr_matrix,
    asking: Ints,
    searched: Ints,
    apart: Ints,
) -> Ints:
    """For each asking row the searched one that is most like it, of another number, ``(asking,)``.

    Of equally like ones the first of ``searched`` is taken.
    """
    out = np.empty(asking.size, np.int64)
    candidates = x[searched].T.tocsc()
    for start in range(0, asking.size, CHUNK):
        some = asking[start : start + CHUNK]
        like = (x[some] @ candidates).toarray()
        like[apart[some][:, None] == apart[searched]] = -np.inf
        out[start : start + CHUNK] = searched[like.argmax(axis=1)]
    return out


def _tfidf(texts: list[list[str]]) -> sparse.csr_matrix:
    counts = [Counter(crc32(word.encode()) % BUCKETS for word in text) for text in texts]
    pointer = np.cumsum([0, *(len(c) for c in counts)])
    columns = np.array([word for c in counts for word in sorted(c)], np.int64)
    values = np.array([c[word] for c in counts for word in sorted(c)], np.float64)
    shared = np.bincount(columns, minlength=BUCKETS)
    values *= np.log(len(texts) / np.maximum(shared[columns], 1)) + 1.0
    x = sparse.csr_matrix((values, columns, pointer), shape=(len(texts), BUCKETS))
    length = np.sqrt(np.asarray(x.multiply(x).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1.0 / np.maximum(length, 1e-12)) @ x)
