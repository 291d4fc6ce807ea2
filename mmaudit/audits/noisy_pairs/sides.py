"""Both sides of every pair as vectors: from files, from the dataset, or made by an encoder."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit.arrays import Vectors
from mmaudit.audits.noisy_pairs import files
from mmaudit.audits.noisy_pairs.encoders import PairEncoder, Ready
from mmaudit.errors import InputError, UsageError
from mmaudit.files import digest
from mmaudit.measures.intervals.blocks import blocks, gathered
from mmaudit.models.plain_features import VERSION, check_kind, features
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.decode import Skipped, column, stack
from mmaudit.samples.memory import budget, spans

AT_ONCE = 8192
AHEAD = 2  # decoded batches waiting for the encoder, for each worker
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
    named = [text.partition("=") for text in embeddings]
    if len(named) != 2 or not all(name and path for name, _, path in named):
        raise UsageError(
            f"two embeddings are needed, not {','.join(embeddings)!r}",
            fix="--embeddings image=a.npy,text=b.npy",
        )
    names = named[0][0], named[1][0]
    if names[0] == names[1]:
        raise UsageError(
            f"both embeddings are called {names[0]!r}", fix="--embeddings image=a.npy,text=b.npy"
        )
    places = [files.spec(where) for _, _, where in named]
    left, right = (files.embeddings(dataset, *place) for place in places)
    none, zero = (
        np.logical_or(*(_nothing_but(side, what) for side in (left, right)))
        for what in (np.nan, 0.0)
    )
    positions = np.flatnonzero(~(none | zero))
    if len(positions) < len(dataset):
        left, right = gathered(left, positions), gathered(right, positions)
    return PairVectors(
        names=names,
        positions=positions,
        left=left,
        right=right,
        shared=None,
        skipped=(),
        origin={
            f"embeddings/{name}": digest(path)
            for name, (path, _) in zip(names, places, strict=True)
        },
        zeros=int((zero & ~none).sum()),
    )


def _nothing_but(rows: Vectors, what: float) -> NDArray[np.bool_]:
    """Rows of nothing but NaN, or of nothing but zeros, ``(n,)``."""
    out = np.empty(len(rows), np.bool_)
    for at in blocks(len(rows)):
        same = np.isnan(rows[at]) if np.isnan(what) else rows[at] == what
        out[at] = same.all(axis=1)
    return out


def from_vectors(dataset: Dataset, names: tuple[str, str]) -> PairVectors:
    """Vectors that the dataset itself holds."""
    return _read(
        dataset, names, _as_they_are, origin={}, batch=AT_ONCE, workers=1, shared=None, memory=None
    )


def from_encoder(
    dataset: Dataset,
    names: tuple[str, str],
    encoder: PairEncoder,
    *,
    batch: int,
    workers: int,
    memory: str | None = None,
) -> PairVectors:
    """Vectors by a model whose output is embeddings, decoded ahead so that it need not wait.

    Raises:
        UsageError: The model does not embed these modalities.
    """
    encoder.check(names)
    return _read(
        dataset,
        names,
        partial(encoder.encode, names),
        origin=encoder.origin,
        batch=batch,
        workers=workers,
        memory=memory,
        shared=encoder.shared,
        ready=encoder.ready,
    )


def from_features(
    dataset: Dataset,
    names: tuple[str, str],
    *,
    batch: int,
    workers: int,
    memory: str | None = None,
) -> PairVectors:
    """Plain features of each side; the towers over them are trained by the audit, cross-fitted."""
    kinds = tuple(dataset.kinds[name] for name in names)

    def ready(name: str, values: Any) -> Vectors:
        return features(dataset.kinds[name], values)

    for kind in kinds:
        check_kind(kind)
    origin = {"encoder": "self", "features": str(VERSION)}
    return _read(
        dataset,
        names,
        _as_they_are,
        origin=origin,
        batch=batch,
        workers=workers,
        memory=memory,
        shared=False,
        ready=ready,
    )


Encode = Callable[[tuple[Any, Any], Sequence[str]], tuple[Vectors, Vectors]]


def _as_they_are(values: tuple[Any, Any], ids: Sequence[str]) -> tuple[Vectors, Vectors]:
    del ids
    return np.asarray(values[0], np.float32), np.asarray(values[1], np.float32)


def _read(
    dataset: Dataset,
    names: tuple[str, str],
    encode: Encode,
    *,
    origin: dict[str, str],
    batch: int,
    workers: int,
    memory: str | None,
    shared: bool | None,
    ready: Ready | None = None,
) -> PairVectors:
    pieces, skipped = list[tuple[Any, ...]](), []
    for rows, values, bad in decoded(dataset, names, batch, workers, ready, memory):
        skipped += bad
        if len(rows):
            ids = dataset.column("id").take(rows).to_pylist()
            pieces.append((rows, *encode(values, ids)))
    if not pieces:
        raise InputError(
            f"no sample has both {names[0]} and {names[1]}",
            fix="--modalities with two that the samples have",
        )
    there, *sides = map(np.concatenate, zip(*pieces, strict=True))
    zero = np.logical_or(*(_nothing_but(side, 0.0) for side in sides))
    if zero.any():
        there, sides = there[~zero], [side[~zero] for side in sides]
    return PairVectors(
        names=names,
        positions=there,
        left=sides[0],
        right=sides[1],
        shared=shared,
        skipped=tuple(skipped),
        origin=origin,
        zeros=int(zero.sum()),
    )


Decoded = tuple[NDArray[np.int64], tuple[Any, Any], list[Skipped]]


def decoded(
    dataset: Dataset,
    names: tuple[str, str],
    batch: int,
    workers: int,
    ready: Ready | None = None,
    memory: str | None = None,
) -> Iterator[Decoded]:
    """Positions, values of both sides and skipped samples of each batch, in order.

    Args:
        dataset: The selection.
        names: The two modalities.
        batch: Samples of a batch.
        workers: Threads that decode.
        ready: What the threads make of the values of a modality, by its name.
        memory: What all samples that are decoded ahead may take, as ``512MB``.
    """
    most = budget(memory, AHEAD * workers + 1)  # those that wait, and those that are encoded
    starts = (
        at
        for start in range(0, len(dataset), batch)
        for at in spans(dataset, np.arange(start, min(start + batch, len(dataset))), most)
    )

    def one(at: NDArray[np.int64]) -> Decoded:
        rows, values, bad = _decode(dataset, names, at)
        if ready is not None and len(rows):
            values = ready(names[0], values[0]), ready(names[1], values[1])
        return rows, values, bad

    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(one, at) for at in islice(starts, AHEAD * workers)]
        while waiting:
            done = waiting.pop(0).result()
            waiting += [pool.submit(one, at) for at in islice(starts, 1)]
            yield done


def _decode(dataset: Dataset, names: tuple[str, str], at: NDArray[np.int64]) -> Decoded:
    read = dataset.read(at)
    ids = read.column("id").to_pylist()
    keep = np.ones(len(ids), np.bool_)
    skipped, sides = [], []
    for name in names:
        values, reasons = column(read.column(name), dataset.kinds[name], dataset.shape(name))
        skipped += [Skipped(ids[i], name, reason) for i, reason in reasons.items()]
        keep &= np.array([value is not None for value in values], np.bool_)
        sides.append(values)
    read = np.flatnonzero(keep)
    left, right = (
        stack([side[i] for i in read], dataset.kinds[name])
        for side, name in zip(sides, names, strict=True)
    )
    return at[read], (left, right), skipped
