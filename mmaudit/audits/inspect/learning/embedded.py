"""Embedded: vectors of values that the person brings, to find near copies and to learn from."""

from collections.abc import Mapping

import numpy as np

from mmaudit.arrays import Bools, Ints, Prints, Reals
from mmaudit.audits.inspect.options import Options
from mmaudit.fingerprints import vector
from mmaudit.fingerprints.base import LEARNT, Fingerprint
from mmaudit.inference.beside import files
from mmaudit.options import unknown
from mmaudit.samples.dataset import Dataset

FARTHEST = 0.1  # spreads that near copies are apart: an encoder sees more than rounding


def places(options: Options, dataset: Dataset) -> dict[str, tuple[str, str]]:
    """File and column of the embeddings of each modality that has any.

    Raises:
        UsageError: One is no NAME=FILE, or of no modality.
    """
    named = files.named(options.embeddings)
    for name in named:
        if name not in dataset.modalities:
            raise unknown(f"there is no modality {name!r} to embed", name, dataset.modalities)
    return named


def embeddings(options: Options, dataset: Dataset) -> Mapping[str, Reals]:
    """Vectors of the samples by modality, ``(n, d)`` each; a row of NaN where there is none.

    Raises:
        UsageError: One is no NAME=FILE, or of no modality.
        InputError: A file is not there, or does not hold one row of numbers a sample.
    """
    return {m: files.embeddings(dataset, *at) for m, at in places(options, dataset).items()}


def there(rows: Reals) -> Bools:
    """Which samples have a vector, ``(n,)``; the others have nothing but NaN."""
    return np.asarray(~np.isnan(rows[:, 0]))


def fingerprint(rows: Reals, order: Ints) -> Fingerprint:
    """How vectors that are nearly the same are found.

    Args:
        rows: Vectors, ``(n, d)``.
        order: Positions of different values, in the order in which some are learnt from.
    """
    some = order[there(rows[order])]
    return vector.learn([rows[i] for i in some[:LEARNT]], len(some), FARTHEST)


def prints(rows: Reals, first: Ints, how: Fingerprint) -> tuple[Ints, Prints]:
    """Which of some values have a fingerprint, ``(m,)``, and these, ``(m, byte)``.

    Args:
        rows: Vectors, ``(n, d)``.
        first: Positions of the values, ``(value,)``.
        how: What `fingerprint` made.
    """
    taken = [how.of(rows[i], 0.0) if there(rows[i : i + 1])[0] else None for i in first]
    some = np.array([i for i, print_ in enumerate(taken) if print_], np.int64)
    packed = np.frombuffer(b"".join(print_ for print_ in taken if print_), np.uint8)
    return some, packed.reshape(some.size, packed.size // max(1, some.size))
