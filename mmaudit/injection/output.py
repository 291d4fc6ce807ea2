"""Output: the manifest and the tables of a corrupted dataset, whatever the form of its data."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from mmaudit.injection.options import Format
from mmaudit.injection.work import slice_columns, table_columns
from mmaudit.manifest.model import Manifest, Modality, Source, Target
from mmaudit.samples.dataset import Dataset
from mmaudit.tables import store

DATA = "data"
SAME: dict[str, Format] = {
    "webdataset": "webdataset",
    "imagefolder": "folder",
    "_text": "folder",  # CSV and JSONL
}  # by the module of the reader; everything else is written as Parquet
MANIFEST = "dataset.toml"


def manifest(dataset: Dataset, path: str, form: str, columns: dict[str, str]) -> Manifest:
    """The manifest of what is written: every modality in a column of its own.

    Args:
        dataset: The clean dataset.
        path: Where the data is, relative to the manifest.
        form: Name of the reader.
        columns: Column of each modality whose column is not its name.
    """
    was = dataset.manifest
    source = Source(
        path=path,
        format=form,
        id="id",
        split="split" if was.source.split else None,
        group="group" if was.source.group else None,
        slices=list(slice_columns(dataset).values()),
        max_pixels=was.source.max_pixels,
        max_bytes=was.source.max_bytes,
    )
    modalities = {m: _modality(dataset, m, columns.get(m, m)) for m in dataset.modalities}
    target = None
    if was.target:
        named = list(dataset.classes) if dataset.classes else None
        target = Target(column="label", kind=was.target.kind, classes=named)
    return Manifest(name=was.name, source=source, modality=modalities, target=target)


def form(dataset: Dataset, asked: Format) -> Format:
    """The form of the output: what is asked for, or the nearest to that of the source."""
    if asked != "same":
        return asked
    return SAME.get(dataset.source.form, "parquet")


def _modality(dataset: Dataset, modality: str, column: str) -> Modality:
    was = dataset.manifest.modalities[modality]
    if was.kind == "table":
        names = table_columns(dataset, modality)
        return Modality(
            kind="table",
            columns=list(names.values()),
            categorical=[names[c] for c in was.categorical],
        )
    usual = dataset.usual(modality)
    shape = list(usual.shape) if was.kind == "vector" else list(was.shape)
    rate = usual.rate if was.kind == "audio" and usual.rate else was.sample_rate
    return Modality(kind=was.kind, column=column, shape=shape, sample_rate=rate)


def joined(folder: Path, out: Path) -> Path:
    """Join the parts of a table into one file, one part in memory at a time."""
    files = store.parts(folder)
    partial = out.with_name(f".{out.name}.joining")
    schema = parquet.read_schema(files[0])
    with parquet.ParquetWriter(partial, schema, compression="zstd", store_schema=True) as writer:
        for table in tables(files):
            writer.write_table(table)
    partial.replace(out)
    return out


def tables(files: list[Path]) -> Iterator[pa.Table]:
    """Tables of some files, one at a time."""
    for path in files:
        yield store.read(path)


def clean(folder: Path) -> None:
    """Remove a folder of parts that are joined."""
    shutil.rmtree(folder)
