"""The first suspects as people see them: both sides, and the suggested partner."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from mmaudit.audits.noisy_pairs.analysis import Analysis
from mmaudit.samples import gallery as _gallery
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.gallery import Exhibit

MOST = 24


def gallery(dataset: Dataset, analysis: Analysis) -> pa.Table:
    """Pictures, texts and sounds of the most suspicious flagged pairs; empty where none is."""
    return _gallery.gallery(dataset, list(_exhibits(dataset, analysis)))


def _exhibits(dataset: Dataset, analysis: Analysis) -> Iterator[Exhibit]:
    ranked = np.argsort(-analysis.suspicion, kind="stable")
    suspects = ranked[analysis.flagged[ranked]][:MOST].tolist()
    both = tuple(name for name in analysis.vectors.names if name in dataset.kinds)
    right = tuple(name for name in analysis.vectors.names[1:] if name in dataset.kinds)
    for rank, i in enumerate(suspects, 1):
        if both:
            said = f"suspect {rank}: {_evidence(analysis, i)}"
            yield Exhibit(_position(analysis, i), said, both, f"suspect {rank}")
        partner = int(analysis.suggested[i])
        if partner >= 0 and right:
            fits = f"suggested partner, similarity {analysis.suggested_cosine[i]:.2f}"
            yield Exhibit(_position(analysis, partner), fits, right, f"suspect {rank}")


def _position(analysis: Analysis, i: int) -> int:
    return int(analysis.vectors.positions[analysis.order[i]])


def _evidence(analysis: Analysis, i: int) -> str:
    if analysis.random is None:
        return f"suspicion {analysis.suspicion[i]:.3f}"
    return f"no more alike than a chance pair, probability {analysis.random.lfdr[i]:.2f}"
