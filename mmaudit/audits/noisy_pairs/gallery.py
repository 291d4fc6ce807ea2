"""The first suspects as people see them: both sides, and the suggested partner."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from mmaudit.audits.noisy_pairs.analysis import Analysis
from mmaudit.samples import gallery as _gallery
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.gallery import Exhibit

MOST = 24


def gallery(dataset: Dataset, found: Analysis) -> pa.Table:
    """Pictures, texts and sounds of the most suspicious flagged pairs; empty where none is."""
    return _gallery.gallery(dataset, list(_exhibits(dataset, found)))


def _exhibits(dataset: Dataset, found: Analysis) -> Iterator[Exhibit]:
    ranked = np.argsort(-found.suspicion, kind="stable")
    suspects = ranked[found.flagged[ranked]][:MOST].tolist()
    known = tuple(name for name in found.given.names if name in dataset.kinds)
    right = tuple(name for name in found.given.names[1:] if name in dataset.kinds)
    for rank, i in enumerate(suspects, 1):
        if known:
            said = f"suspect {rank}: {_evidence(found, i)}"
            yield Exhibit(_position(found, i), said, known)
        partner = int(found.suggested[i])
        if partner >= 0 and right:
            fits = f"suspect {rank}: suggested partner, cosine {found.suggested_cosine[i]:.2f}"
            yield Exhibit(_position(found, partner), fits, right)


def _position(found: Analysis, i: int) -> int:
    return int(found.given.positions[found.order[i]])


def _evidence(found: Analysis, i: int) -> str:
    if found.random is None:
        return f"score {found.suspicion[i]:.3f}"
    return f"local false discovery rate {found.random.lfdr[i]:.2f}"
