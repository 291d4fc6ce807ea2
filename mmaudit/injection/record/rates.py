"""Rates: what a plan really did, in every sense in which the literature says rate.

"Missing rate" means the share of cells in one paper and the share of samples in another, which
differ by up to the number of modalities; so all of them are told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmaudit.arrays import Bools, Ints


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing of a dataset.

    Attributes:
        cell_rate: Absent values over samples times modalities.
        row_rate: Share of samples that lack something.
        complete: Share of samples that lack nothing.
        empty: Share of samples that lack everything.
        modality_rates: Share of samples that lack each modality.
        patterns: How many samples have which modalities, as ``{"image+text": 900, "text": 100}``;
            the empty pattern is ``-``. The most frequent first.
    """

    cell_rate: float
    row_rate: float
    complete: float
    empty: float
    modality_rates: dict[str, float]
    patterns: dict[str, int]


def missing(absent: Bools, modalities: Sequence[str]) -> Missing:
    """Summarise a mask.

    Args:
        absent: True where a value is absent, whatever the reason, ``(n, modality)``.
        modalities: Their names.
    """
    lost = absent.sum(axis=1)
    n = max(absent.shape[0], 1)
    bits = absent @ (1 << np.arange(absent.shape[1], dtype=np.int64))
    patterns = Counter(bits.tolist())
    named = {
        "+".join(m for i, m in enumerate(modalities) if not bit >> i & 1) or "-": count
        for bit, count in patterns.most_common()
    }
    return Missing(
        cell_rate=float(absent.mean()) if absent.size else 0.0,
        row_rate=float((lost > 0).sum() / n),
        complete=float((lost == 0).sum() / n),
        empty=float((lost == absent.shape[1]).sum() / n),
        modality_rates={m: float(absent[:, i].sum() / n) for i, m in enumerate(modalities)},
        patterns=named,
    )


def pairs(donors: Ints, groups: Ints) -> dict[str, float]:
    """Share of samples whose value was replaced, and of those that really do not match any more.

    Args:
        donors: Row whose value each row has, ``(n,)``.
        groups: Number of the group of each row, ``(n,)``; a value of one's own group still fits.
    """
    n = max(donors.size, 1)
    own = np.arange(donors.size)
    return {
        "replaced": float((donors != own).sum() / n),
        "mismatched": float((groups[donors] != groups).sum() / n),
    }


def labels(old: Ints, new: Ints, classes: Sequence[str]) -> dict[str, Any]:
    """Share of labels that are wrong, in all and of each class."""
    wrong = old != new
    return {
        "wrong": float(wrong.mean()) if wrong.size else 0.0,
        "by_class": {
            name: float(wrong[old == c].mean())
            for c, name in enumerate(classes)
            if (old == c).any()
        },
    }
