"""Numbers that need all samples at once: ranks, humps of gaps, the odd samples and pictures."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.arrays import Floats
from mmaudit.audits.base import Read
from mmaudit.audits.contributions.balance import weights_of
from mmaudit.audits.contributions.columns import numbers, phi
from mmaudit.audits.contributions.metrics import Number
from mmaudit.audits.contributions.scope import Scope
from mmaudit.measures.balance.modality_gap import modality_gap
from mmaudit.measures.games.coalitions import pairs
from mmaudit.measures.intervals.bootstrap import groups_of
from mmaudit.measures.intervals.evidence import Mean
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.trust.rank_correlation import rank_correlation
from mmaudit.names import ALL, WORTHS
from mmaudit.samples import gallery as _gallery
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.gallery import Exhibit
from mmaudit.samples.parts import LABEL, Partition
from mmaudit.seeds import digests, permanent

MOST = 100_000  # samples that are gathered; of more, those with the smallest hashes
ODD = 10  # samples shown of each kind


def pooled_numbers(
    scope: Scope, read: Read, group: int, cuts: Sequence[Partition]
) -> dict[str, list[Number]]:
    """Of one policy: do weights rank against losses, and do gaps have a second hump?

    Humps are looked for in all samples together, ranks in every slice as well.

    Args:
        scope: What the run says of.
        read: Reads back the units' tables.
        group: The row group.
        cuts: How the samples are cut into parts.
    """
    columns, modalities = _pooled(scope, read, group, cuts), scope.modalities
    out: dict[str, list[Number]] = {}
    for cut in cuts:
        if cut.column == LABEL:
            continue
        for k, name in enumerate(cut.names):
            mine = columns[f"part:{cut.column}"] == k
            part = {column: values[mine] for column, values in columns.items()}
            out[name] = list(_ranked(part, modalities, scope.replicates))
    out.setdefault(ALL, []).extend(_humps(columns, modalities))
    return out


def _ranked(
    columns: Mapping[str, NDArray[Any]], modalities: Sequence[str], replicates: int
) -> Iterator[Number]:
    for name in ("weight", "share"):
        for m in modalities:
            if f"{name}_{m}" in columns:
                weight, loss = columns[f"{name}_{m}"], columns[f"loss_{m}"]
                there = ~(np.isnan(weight) | np.isnan(loss))
                if there.any():
                    values = weight[there], loss[there], columns["key"][there]
                    yield Number(m, f"{name}_loss_spearman", rank_correlation(*values, replicates))


def _humps(columns: Mapping[str, NDArray[Any]], modalities: Sequence[str]) -> Iterator[Number]:
    for i, j in pairs(len(modalities)):
        a, b = (columns.get(f"p_{modalities[k]}") for k in (i, j))
        if a is not None and b is not None:
            there = ~(np.isnan(a) | np.isnan(b))
            gap = modality_gap(a[there], b[there])
            if there.any():
                rate = _share(gap.imbalanced, columns["key"][there])
                yield Number(f"{modalities[i]},{modalities[j]}", "imbalanced_rate", rate)


def _share(values: Floats, keys: NDArray[np.uint64]) -> Replicates:
    """A mean of values in [0, 1] with their own interval, for which nothing is drawn."""
    shares = Mean(values, groups_of(keys), *SHARE)
    units = int(np.unique(keys).size)
    point = math.fsum(values.tolist()) / values.size
    return Replicates(point, np.zeros(0), units, SHARE, evidence=shares)


def _pooled(
    scope: Scope, read: Read, group: int, cuts: Sequence[Partition]
) -> dict[str, NDArray[Any]]:
    """The columns of at most `MOST` samples, those with the smallest hashes, in that order."""
    pieces: list[dict[str, NDArray[Any]]] = []
    for place, table in enumerate(read(None, group)):
        pieces.append(_columns(table, scope.modalities, scope.seed))
        pieces[-1]["key"] = scope.keys(place, table)
        pieces[-1] |= {f"part:{cut.column}": cut.of(table) for cut in cuts}
        if sum(len(piece["hash"]) for piece in pieces) > 2 * MOST:
            pieces = [_smallest(pieces)]
    return _smallest(pieces)


def _smallest(pieces: Sequence[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    joined = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    order = np.argsort(joined["hash"], kind="stable")[:MOST]
    return {name: column[order] for name, column in joined.items()}


def _columns(table: pa.Table, modalities: Sequence[str], seed: int) -> dict[str, NDArray[Any]]:
    order = permanent(digests(seed, "contributions/gathered", table["id"].to_pylist()))[:, 0]
    out: dict[str, NDArray[Any]] = {"hash": order}
    for name, weights in weights_of(table, modalities).items():
        out |= {f"{name}_{m}": weights[:, k] for k, m in enumerate(modalities)}
    for m in modalities:
        if f"loss_alone_{m}" in table.column_names:
            out[f"loss_{m}"] = numbers(table, f"loss_alone_{m}")
        if f"p_true_alone_{m}" in table.column_names:
            out[f"p_{m}"] = numbers(table, f"p_true_alone_{m}")
    return out


def odd_samples(
    read: Read, group: int, modalities: Sequence[str], value: str, absent: str
) -> pa.Table:
    """The ten samples that hang most on one modality, and the ten whose modalities disagree most.

    One-sided is how far the largest |φ| exceeds the sum of the others; conflict is the smaller of
    what speaks for the answer's worth and what speaks against it.
    """
    best: dict[str, list[tuple[float, str, tuple[float, ...]]]] = {"one_sided": [], "conflict": []}
    for table in read(["id", *(f"phi_{m}" for m in modalities)], group):
        values = np.nan_to_num(phi(table, modalities))
        ids = table["id"].to_pylist()
        for kind, score in _odd(values).items():
            near = np.argsort(-score, kind="stable")[: 4 * ODD]  # more than ten: ties go by id
            listed = [(float(score[i]), ids[i], tuple(map(float, values[i]))) for i in near]
            ranked = sorted([*best[kind], *listed], key=lambda one: (-one[0], one[1]))
            best[kind] = ranked[:ODD]
    rows = [
        {"kind": kind, "rank": rank, "id": id_, "value": value, "absent": absent, "score": score}
        | {f"phi_{m}": v for m, v in zip(modalities, values, strict=True)}
        for kind, listed in best.items()
        for rank, (score, id_, values) in enumerate(listed, 1)
        if score > 0
    ]
    return pa.Table.from_pylist(rows, schema=_odd_schema(modalities))


def _odd(values: Floats) -> Mapping[str, Floats]:
    sizes = np.abs(values)
    against = np.where(values < 0, -values, 0.0).sum(axis=1)
    return {
        "one_sided": 2 * sizes.max(axis=1) - sizes.sum(axis=1),
        "conflict": np.minimum(np.where(values > 0, values, 0.0).sum(axis=1), against),
    }


def _odd_schema(modalities: Sequence[str]) -> pa.Schema:
    texts = [pa.field(n, pa.string(), nullable=False) for n in ("kind", "id", "value", "absent")]
    texts.insert(1, pa.field("rank", pa.int64(), nullable=False))
    numbers_of = ("score", *(f"phi_{m}" for m in modalities))
    return pa.schema([*texts, *(pa.field(name, pa.float64()) for name in numbers_of)])


def gallery(dataset: Dataset, odd: pa.Table) -> pa.Table:
    """Pictures, texts and sounds of the odd samples.

    Args:
        dataset: The selected samples.
        odd: From `odd_samples`.
    """
    listed = odd.to_pylist()
    wanted = {row["id"] for row in listed}
    ids = dataset.column("id").to_pylist()
    where = {id_: position for position, id_ in enumerate(ids) if id_ in wanted}
    return _gallery.gallery(dataset, [Exhibit(where[row["id"]], _note(row)) for row in listed])


def _note(row: Mapping[str, Any]) -> str:
    shares = (f"{k.removeprefix('phi_')} {v:+.3f}" for k, v in row.items() if k.startswith("phi_"))
    of = f"the {WORTHS[row['value']]}" if row["value"] in WORTHS else row["value"]
    return f"{row['kind'].replace('_', ' ')} {row['rank']}: {', '.join(shares)} of {of}"
