"""Contradictions: samples of which one modality looks like one class, and another like another."""

from collections.abc import Iterator, Sequence

import numpy as np

from mmaudit.audits.inspect.cells import Cells, row
from mmaudit.audits.inspect.learning.labels import Labels, among_all
from mmaudit.audits.inspect.partitions import SamplePart
from mmaudit.formats import many

NAMED = 4  # pairs of modalities that have a sentence


def rows(labels: Labels | None, parts: Sequence[SamplePart], n: int) -> Iterator[Cells]:
    """How many samples contradict themselves, of those that have both; a pair is ``a,b``.

    Args:
        labels: What was learnt of the labels; None where nothing could be.
        parts: All samples, and the parts that they are cut into.
        n: How many samples there are.
    """
    if labels is None:
        return
    for (first, second), pair in labels.disagreements.items():
        both = among_all(labels, np.all(pair.classes >= 0, axis=1), n)
        sure = among_all(labels, pair.sure, n)
        for each in parts:
            yield from row(
                "disagreement_rate",
                each.share(sure, both),
                modality=f"{first},{second}",
                slice=each.name,
            )


def notes(labels: Labels | None) -> Iterator[str]:
    """How many samples are likely wrong pairs, where that is to be told."""
    if labels is None:
        return
    pairs = [
        (int(one.sure.sum()), *names) for names, one in labels.disagreements.items() if one.accurate
    ]
    for count, first, second in sorted(pairs, reverse=True)[:NAMED]:
        if count:
            yield (
                f"of {many(count, 'sample')} {first} looks like one class and {second} like "
                "another: see whether they belong together."
            )
