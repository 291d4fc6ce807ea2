"""Classes that are alike: which ones small models of the other samples take for each other."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Bools
from mmaudit.audits.inspect.contents import Contents
from mmaudit.audits.inspect.learning.labels import Labels, among_all
from mmaudit.rows import Estimate

FIELDS = pa.schema(
    [
        ("class", pa.string()),
        ("taken_for", pa.string()),
        ("samples", pa.int64()),
        ("share", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


def overlaps(labels: Labels, contents: Contents) -> Iterator[tuple[str, Estimate]]:
    """Each class, and the share of its samples that held-out models take for another."""
    for k, name in enumerate(labels.names):
        share = _share(labels, contents, labels.labels == k, labels.taken_for != k)
        if share is not None:
            yield name, share


def table(labels: Labels, contents: Contents) -> pa.Table:
    """Each class and one that its samples are taken for, the most frequent pair first."""
    rows = []
    pairs, counts = np.unique(
        np.stack([labels.labels, labels.taken_for])[:, labels.labels != labels.taken_for],
        axis=1,
        return_counts=True,
    )
    for at in np.argsort(-counts, kind="stable"):
        own, other = pairs[:, at].tolist()
        share = _share(labels, contents, labels.labels == own, labels.taken_for == other)
        if share is not None:
            rows.append(
                {
                    "class": labels.names[own],
                    "taken_for": labels.names[other],
                    "samples": int(counts[at]),
                    "share": share.value,
                    "low": share.low,
                    "high": share.high,
                }
            )
    return pa.Table.from_pylist(rows, FIELDS)


def _share(labels: Labels, contents: Contents, own: Bools, those: Bools) -> Estimate | None:
    n = len(contents.ids)
    return contents.share(among_all(labels, those, n), among_all(labels, own, n))
