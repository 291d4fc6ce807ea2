"""Both sides of every pair as vectors: from files, or made by an encoder."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Vectors
from mmaudit.audits.noisy_pairs.base import SideEncoder
from mmaudit.audits.noisy_pairs.distinct import embed
from mmaudit.errors import InputError, UsageError
from mmaudit.inference.beside import files
from mmaudit.measures.intervals.blocks import blocks, gathered
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped

FIX = "--embeddings image=a.npy,text=b.npy, or --encoder SPEC, or two modalities of kind vector"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairVectors:
    """Both sides of the pairs that have both, in the order of the selection.

    Attributes:
        names: The left and the right modality.
        positions: Position of each pair in the selection, ``(n,)``, rising.
        left: ``(n, d)``.
        right: ``(n, e)``.
        shared: Whether both are in one space; None where nobody said.
        skipped: Samples that could not be read.
        origin: What the vectors are of, for provenance.
        zeros: Samples that are no pair because a side is a vector of zeros.
    """

    names: tuple[str, str]
    positions: NDArray[np.int64]
    left: Vectors
    right: Vectors
    shared: bool | None
    skipped: tuple[Skipped, ...]
    origin: dict[str, str]
    zeros: int = 0


def from_files(dataset: Dataset, embeddings: tuple[str, ...]) -> PairVectors:
    """Vectors from files, ``NAME=FILE.npy`` or ``NAME=FILE.parquet:COLUMN``.

    Row ``i`` of a ``.npy`` file is row ``i`` of the whole source; rows of a Parquet file are found
    by their column ``id``. A row of nothing but NaN, or null, is a pair without that side.

    Raises:
        UsageError: There are not two of them, or one is not a name and a file.
        InputError: A file is not there, or does not hold one row of numbers a sample.
    """
    places = files.named(embeddings)
    if len(places) != 2:
        raise UsageError(
            f"two embeddings are needed, not {','.join(embeddings)!r}", fix=files.EXAMPLE
        )
    first, second = places
    left, right = (files.embeddings(dataset, *place) for place in places.values())
    none, zero = (
        np.logical_or(*(_nothing_but(side, what) for side in (left, right)))
        for what in (np.nan, 0.0)
    )
    positions = np.flatnonzero(~(none | zero))
    if len(positions) < len(dataset):
        left, right = gathered(left, positions), gathered(right, positions)
    return PairVectors(
        names=(first, second),
        positions=positions,
        left=left,
        right=right,
        shared=None,
        skipped=(),
        origin=files.digests(places),
        zeros=int((zero & ~none).sum()),
    )


def _nothing_but(rows: Vectors, what: float) -> NDArray[np.bool_]:
    """Rows of nothing but NaN, or of nothing but zeros, ``(n,)``."""
    out = np.empty(len(rows), np.bool_)
    for at in blocks(len(rows)):
        same = np.isnan(rows[at]) if np.isnan(what) else rows[at] == what
        out[at] = same.all(axis=1)
    return out


def embedded(
    dataset: Dataset,
    names: tuple[str, str],
    encoder: SideEncoder,
    *,
    batch: int,
    workers: int,
    memory: str | None = None,
) -> PairVectors:
    """Vectors by an encoder, each distinct value once, decoded ahead so that it need not wait.

    Args:
        dataset: The selection.
        names: The left and the right modality.
        encoder: What embeds them.
        batch: Samples of a batch.
        workers: Threads that read and decode.
        memory: What all samples that are held at a time may take, as ``512MB``.

    Raises:
        InputError: No sample has both sides.
    """
    parts = embed(dataset, names, encoder, batch=batch, workers=workers, memory=memory)
    rows = [part.rows() for part in parts]
    there = np.flatnonzero(np.logical_and.reduce([row >= 0 for row in rows]))
    ids = dataset.column("id")
    if not len(there):
        raise InputError(
            f"no sample has both {names[0]} and {names[1]}",
            fix="--modalities with two that the samples have",
        )
    values = [
        side for part, row in zip(parts, rows, strict=True) for side in part.sides(row[there])
    ]
    joined = encoder.joined(names, (values[0], values[1]), ids.take(there).to_pylist())
    zero = np.logical_or(*(_nothing_but(side, 0.0) for side in joined))
    if zero.any():
        there, joined = there[~zero], (joined[0][~zero], joined[1][~zero])
    named = ids.to_pylist()
    return PairVectors(
        names=names,
        positions=there,
        left=joined[0],
        right=joined[1],
        shared=encoder.shared,
        skipped=tuple(one for part in parts for one in part.skipped(named)),
        origin=encoder.origin,
        zeros=int(zero.sum()),
    )
