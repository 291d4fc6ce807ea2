"""Measures of retrieval between two modalities: recall at 1, 5, 10 and the median rank.

The rank of a query is one plus the number of wrong candidates that are at least as similar as the
best right one. So ties count against the model: one whose embeddings have collapsed to a point
ranks last, not first. A candidate is right if it belongs to the query's group, so any of the
several texts of a picture will do.

References:
    Karpathy and Fei-Fei 2015, arXiv:1412.2306 (recall@k and median rank, best of several captions)
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mmaudit.bounds import medians
from mmaudit.bounds.unseen import size
from mmaudit.kernels import kernel
from mmaudit.measures.intervals.bootstrap import REPLICATES, groups_of, replicate, replicated_means
from mmaudit.measures.intervals.evidence import By, Mean
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.tasks.base import EmbeddingAnswers, Task
from mmaudit.rows import Metric

CUTOFFS = (1, 5, 10)
CELLS = 1 << 22  # similarities held at once, 4 bytes each
TIE = 1e-6  # cosines closer than this are equal: rounding must not break a tie


TASK: Task = "embedding"
METRICS = {
    "recall@1": Metric("share of queries whose match is ranked first", "1", "higher", *SHARE),
    "recall@5": Metric("share of queries whose match is in the first 5", "1", "higher", *SHARE),
    "recall@10": Metric("share of queries whose match is in the first 10", "1", "higher", *SHARE),
    "median_rank": Metric("median rank of the match", "", "lower", 1.0),
}


def measure(
    answers: EmbeddingAnswers, keys: NDArray[np.uint64], replicates: int = REPLICATES
) -> dict[str, Replicates]:
    """Every measure in both directions, over one set of weights.

    Args:
        answers: Embeddings of ``n`` samples.
        keys: Key of each sample's unit, ``(n,)``.
        replicates: How many draws.

    Returns:
        ``recall@1:a->b``, …, ``median_rank:a->b`` and the same for ``b->a``. Recall is a share of
        queries, the median rank is from 1.

    Raises:
        ValueError: Not two modalities, shapes do not agree, or a number is not finite.
    """
    embeddings, groups = answers.embeddings, answers.groups
    if len(embeddings) != 2:
        raise ValueError(f"retrieval is between two modalities, not {len(embeddings)}")
    group = np.unique(np.asarray(groups, str), return_inverse=True)[1].astype(np.int64)
    units = {name: _unit(rows) for name, rows in embeddings.items()}
    if len({u.shape for u in units.values()} | {(group.size, *_width(units))}) != 1:
        raise ValueError("embeddings and groups must have one row a sample and one width")
    a, b = units
    out: dict[str, Replicates] = {}
    for query, candidate in ((a, b), (b, a)):
        rank = ranks(units[query], units[candidate], group, shared=candidate in answers.shared)
        for name, drawn in _summaries(rank, keys, replicates).items():
            out[f"{name}:{query}->{candidate}"] = drawn
    return out


def ranks(
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    group: NDArray[np.int64],
    *,
    shared: bool = False,
    cells: int = CELLS,
) -> NDArray[np.int64]:
    """Rank of the best right candidate of each query, ``(n,)``, from 1; ties count against it.

    Args:
        queries: Unit vectors, ``(n, d)``.
        candidates: Unit vectors, ``(n, d)``.
        group: Group of each row of both, ``(n,)``, numbered from 0.
        shared: Whether the candidates of one group are one candidate.
        cells: Similarities held at once.

    Example:
        >>> queries = np.eye(2, dtype=np.float32)
        >>> ranks(queries, queries[::-1], np.array([0, 1]))
        array([2, 2])
    """
    step = max(1, cells // max(1, group.size))
    out = np.empty(group.size, np.int64)
    for start in range(0, group.size, step):
        stop = min(start + step, group.size)
        similar = queries[start:stop] @ candidates.T
        mine = group[start:stop]
        out[start:stop] = (
            _rank_groups(similar, mine, group) if shared else _rank_rows(similar, mine, group)
        )
    return out


@kernel
def _rank_rows(
    similar: NDArray[np.float32], mine: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.int64]:
    out = np.ones(mine.size, np.int64)
    for q in range(mine.size):
        best = np.float32(-np.inf)
        for i in range(group.size):
            if group[i] == mine[q]:
                best = max(best, similar[q, i])
        for i in range(group.size):
            if group[i] != mine[q] and similar[q, i] >= best - TIE:
                out[q] += 1
    return out


@kernel
def _rank_groups(
    similar: NDArray[np.float32], mine: NDArray[np.int64], group: NDArray[np.int64]
) -> NDArray[np.int64]:
    out = np.zeros(mine.size, np.int64)
    best = np.empty(group.max() + 1, np.float32)
    for q in range(mine.size):
        best[:] = -np.inf
        for i in range(group.size):
            best[group[i]] = max(best[group[i]], similar[q, i])
        for k in range(best.size):
            if best[k] >= best[mine[q]] - TIE:  # the right group counts itself: the one
                out[q] += 1
    return out


def _summaries(
    rank: NDArray[np.int64], keys: NDArray[np.uint64], replicates: int
) -> dict[str, Replicates]:
    hits = np.stack([rank <= k for k in CUTOFFS], axis=1)
    points, draws, n = replicated_means(hits, keys, replicates)
    groups = groups_of(keys)
    out = {
        f"recall@{k}": Replicates(
            float(points[i]), draws[:, i], n, SHARE, evidence=Mean(hits[:, i], groups, *SHARE)
        )
        for i, k in enumerate(CUTOFFS)
    }
    return out | {"median_rank": weighted_median(rank, keys, replicates)}


def weighted_median(
    values: NDArray[np.int64], keys: NDArray[np.uint64], replicates: int = REPLICATES
) -> Replicates:
    """Median of integers ``(n,)``; the mean of the two middle ones where their number is even."""
    order = np.argsort(values, kind="stable")
    ordered = values[order].astype(np.float64)

    def statistics(drawn: NDArray[np.uint8]) -> NDArray[np.float64]:
        below = np.cumsum(drawn[:, order], axis=1, dtype=np.int64)
        out = np.full((drawn.shape[0], 1), np.nan)
        for b in range(drawn.shape[0]):
            total = int(below[b, -1])
            if total:
                middle = np.searchsorted(below[b], [(total - 1) // 2, total // 2], side="right")
                out[b, 0] = ordered[middle].mean()
        return out

    points, draws, n = replicate(statistics, keys, replicates)
    bounds, groups = (1.0, float(values.size)), groups_of(keys)
    units = None if groups is None else groups[order]
    evidence = By(
        lambda tail: medians.ends(ordered, tail, units) or bounds,
        lambda lost: medians.reach(ordered, lost * size(ordered.size, groups)),
    )
    return Replicates(float(points[0]), draws[:, 0], n, bounds, evidence=evidence)


def _unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows of length 1; a row of zeros stays, and is equally unlike everything."""
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ValueError("embeddings must be finite numbers of shape (sample, d)")
    wide = rows.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return (wide / np.where(length > 0, length, 1.0)).astype(np.float32)


def _width(units: Mapping[str, NDArray[np.float32]]) -> tuple[int, ...]:
    return next(iter(units.values())).shape[1:]
