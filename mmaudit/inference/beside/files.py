"""What people bring in files beside the dataset: embeddings, and values by the id of a pair."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.arrays import Reals
from mmaudit.errors import InputError, UsageError
from mmaudit.files import digest
from mmaudit.measures.intervals.blocks import blocks, gathered
from mmaudit.parsing import npy, parquet
from mmaudit.parsing.base import refusing
from mmaudit.samples.columns import as_text
from mmaudit.samples.dataset import Dataset

UNREADABLE = "the file cannot be read"
EXAMPLE = "--embeddings image=a.npy,text=b.npy"
FIX = "np.save of (n, d) numbers, or Parquet with id and one list of numbers each: FILE:COLUMN"


def spec(text: str) -> tuple[str, str]:
    """Path and column of ``FILE`` or ``FILE:COLUMN``; a file whose name has a colon is a file."""
    if Path(text).is_file() or ":" not in text:
        return text, ""
    path, _, column = text.rpartition(":")
    return path, column


def named(texts: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Path and column of each name, of ``NAME=FILE`` or ``NAME=FILE:COLUMN`` each.

    Raises:
        UsageError: One is not a name and a file, or a name is there twice.
    """
    places: dict[str, tuple[str, str]] = {}
    for text in texts:
        name, _, where = text.partition("=")
        if not name or not where:
            raise UsageError(f"{text!r} is not NAME=FILE", fix=EXAMPLE)
        if name in places:
            raise UsageError(f"two files of embeddings are of {name!r}", fix=EXAMPLE)
        places[name] = spec(where)
    return places


def digests(places: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Digest of each file of embeddings, for provenance."""
    return {f"embeddings/{name}": digest(path) for name, (path, _) in places.items()}


def embeddings(dataset: Dataset, path: str, column: str) -> Reals:
    """Vectors of the samples of a dataset, ``(n, d)``; one that is absent is nothing but NaN.

    Args:
        dataset: The selection.
        path: A ``.npy`` file with a row for each row of the whole source, or a Parquet file.
        column: Column of the Parquet file, whose rows are found by ``id``; empty for ``.npy``.

    Raises:
        InputError: The file is not there, or does not hold one row of numbers a sample.
    """
    if not Path(path).is_file():
        raise InputError("there is no such file of embeddings", where=path, fix="check the path")
    if column:
        table = by_id(path, (column,), dataset.column("id"), FIX)
        rows = numbers(table.column(column), path, column)
    else:
        rows = _npy(dataset, path)
    if not rows.shape[1]:
        raise InputError("the embeddings have no columns", where=path, fix=FIX)
    for at in blocks(len(rows)):
        bad = ~np.isfinite(rows[at])
        odd = np.flatnonzero(bad.any(axis=1) & ~np.isnan(rows[at]).all(axis=1))
        if len(odd):
            who = dataset.column("id")[at.start + int(odd[0])].as_py()
            raise InputError(
                f"the embedding of {who!r} is not finite",
                where=path,
                fix="embed it again; a row of nothing but NaN is a sample that has none",
            )
    return rows


def _npy(dataset: Dataset, path: str) -> Reals:
    with refusing("the embeddings cannot be read", path, FIX):
        rows: NDArray[Any] = npy.mapped(path)
    if rows.ndim != 2 or rows.dtype.kind != "f":
        raise InputError(
            f"the embeddings are {rows.dtype} of shape {rows.shape}",
            where=path,
            fix="one row of floating-point numbers a sample",
        )
    whole = len(dataset.source)
    if len(rows) != whole:
        raise InputError(
            f"there are {len(rows)} embeddings for {whole} samples",
            where=path,
            fix="one row for each row of the dataset, in its order",
        )
    return rows if len(dataset) == whole else gathered(rows, dataset.rows)


def by_id(path: str, columns: tuple[str, ...], ids: pa.Array, fix: str) -> pa.Table:
    """Columns of a Parquet file, in the order of some ids.

    Args:
        path: The file; its column ``id`` holds text or whole numbers.
        columns: What is wanted of it.
        ids: Ids, ``(n,)``.
        fix: What the file should be.

    Raises:
        InputError: It is not such a file, or an id is not in it, or there twice.
    """
    table = parquet.table(path, ["id", *columns], what=UNREADABLE, fix=fix)
    named = table.column("id").combine_chunks()
    if pa.types.is_dictionary(named.type):
        named = named.dictionary_decode()
    with refusing("the ids are neither text nor whole numbers", path, fix):
        named = as_text(named).cast(pa.string())
    at = compute.index_in(ids, named)
    if at.null_count:
        first = ids.filter(at.is_null())[0].as_py()
        raise InputError(
            f"{at.null_count} samples have no row in the file, the first is {first!r}",
            where=path,
            fix="one row for each id",
        )
    again = compute.value_counts(named.filter(compute.is_in(named, ids)))
    twice = again.filter(compute.greater(again.field("counts"), 1))
    if len(twice):
        raise InputError(
            f"the id {twice[0]['values'].as_py()!r} is there more than once",
            where=path,
            fix="one row for each id",
        )
    return table.select(list(columns)).take(at)


def numbers(column: pa.ChunkedArray, path: str, name: str) -> NDArray[np.float32]:
    """Lists of one length as rows, ``(n, d)``; a list that is null is a row of NaN.

    Raises:
        InputError: They are no lists of numbers, or not equally long.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
        column = column.cast(kind)
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if not (lists or pa.types.is_fixed_size_list(kind)) or not _numeric(kind.value_type):
        raise InputError(
            f"the column {name!r} holds {kind}", where=path, fix="one list of numbers each"
        )
    lengths = compute.list_value_length(column)
    there = column.is_valid().to_numpy()
    several = compute.unique(lengths.drop_null()).to_pylist()
    if len(several) != 1:
        what = "of several lengths" if several else "all null"
        raise InputError(
            f"the lists of the column {name!r} are {what}", where=path, fix="one length for all"
        )
    flat = compute.list_flatten(column).to_numpy().astype(np.float32)
    out = np.full((len(column), several[0]), np.nan, np.float32)
    out[there] = flat.reshape(-1, several[0])
    return out


def _numeric(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
