"""Layout: the columns of a corrupted copy: those of its source, and where what was changed goes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.arrays import Ints
from mmaudit.injection.assignment import Assignment
from mmaudit.injection.options import Format
from mmaudit.injection.write.names import free
from mmaudit.kinds.base import Shape, is_media, load_kind
from mmaudit.manifest.readers.base import CELL, plain, stored
from mmaudit.manifest.readers.imagefolder import SplitReader
from mmaudit.manifest.readers.parquet import ParquetReader
from mmaudit.manifest.readers.webdataset import KEY
from mmaudit.samples.captions import ID, SOURCE
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.media import names_files

ADDED = ("id", "sample_id")  # what a column of ids is called where the source has none
FLOATS = 2**53  # whole numbers up to this are floats without loss
OWN = ("arrow", "npz", "hdf5", "coco", "croissant")  # forms that a copy of nothing else has
MEMBER = "json"  # of an archive: its fields are columns of their own
SAME = {
    "webdataset": "webdataset",
    "imagefolder": "folder",
    "_text": "folder",  # CSV
    "jsonl": "folder",
    **{name: name for name in OWN},
}  # by the module of the reader; everything else is written as Parquet


@dataclass(frozen=True)
class CopyLayout:
    """Which columns a copy has. Those that no step touches are as they were.

    Attributes:
        dataset: The clean dataset.
        form: How it is written.
        values: Modalities of which a step changes values.
        others: Modalities of which a step takes values away, or gives them to other samples.
        labels: Whether a step changes labels.
        mixes: Modalities in which a step makes cells that their columns do not have.
    """

    dataset: Dataset
    form: str
    values: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    labels: bool = False
    mixes: frozenset[str] = frozenset()
    _facts: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def touched(self) -> frozenset[str]:
        """Modalities that some step concerns."""
        return self.values | self.others

    @property
    def typed(self) -> bool:
        """Whether columns are written with the types that the source's files have."""
        return self.form not in {"folder", "webdataset"}

    @property
    def same(self) -> bool:
        """Whether the copy has the form of the source."""
        return self.form == nearest(self.dataset)

    @cached_property
    def schema(self) -> pa.Schema:
        """The source's columns with their own types, without those that a view makes."""
        names = [n for n in self.dataset.source.reader.schema.names if n not in {ID, SOURCE}]
        schema = self._read(names, np.empty(0, np.int64)).schema
        for place, one in enumerate(schema):
            if pa.types.is_null(one.type):  # what is further on decides
                kind = self.dataset.source.reader.column(one.name).type
                schema = schema.set(place, one.with_type(kind))
        return schema

    @cached_property
    def id(self) -> str:
        """The column of ids; one that is added where no column of the source holds them."""
        own = self.dataset.source.id
        media = [m for m, kind in self.dataset.kinds.items() if is_media(kind)]
        lost = {c for m in media if not self.same or m in self.others for c in self.columns(m)}
        if own is not None and own != ID and own not in lost:
            return own
        taken = set(self.schema.names)
        return next((name for name in ADDED if name not in taken), free(ADDED[0], taken))

    @cached_property
    def roles(self) -> dict[str, str]:
        """The column of the copy for each column of splits, groups, slices and labels.

        One that a step touches as a part of a modality is also written as it was.
        """
        source, target = self.dataset.manifest.source, self.dataset.manifest.target
        roles = [source.split, source.group, *source.slices, target.column if target else None]
        changed = {c for m in self.touched for c in self.columns(m)}
        out, used = dict[str, str](), {*self.schema.names, self.id}
        for column in dict.fromkeys(c for c in roles if c):
            out[column] = column
            if column in changed or column == SOURCE:
                name = "group" if column == SOURCE else f"{column}_clean"
                out[column] = free(name, used)
                used.add(out[column])
        return out

    def columns(self, modality: str) -> list[str]:
        """The source's columns that the values of a modality are in."""
        entry = self.dataset.manifest.modalities[modality]
        return [c for c in entry.names if c in self.schema.names]

    @cached_property
    def homes(self) -> dict[str, dict[str, str]]:
        """Where the columns of each modality go: they stay, unless another one needs them too."""
        used = {*self.schema.names, self.id, *self.roles.values()}
        ids = {self.dataset.source.id or ""}
        before = set(ids)
        out: dict[str, dict[str, str]] = {}
        for modality, kind in self.dataset.kinds.items():
            out[modality] = {c: c for c in self.columns(modality)}
            needed = before if not is_media(kind) else before - ids
            if modality in self.touched:
                for column in needed & out[modality].keys():
                    out[modality][column] = free(f"{modality}.{column}", used)
                    used.add(out[modality][column])
            before |= out[modality].keys()
        return out

    @cached_property
    def media(self) -> dict[str, str]:
        """The modality of each column of the copy that holds or names pictures or sounds."""
        return {
            home: modality
            for modality, homes in self.homes.items()
            if is_media(self.dataset.kinds[modality])
            for home in homes.values()
        }

    @cached_property
    def files(self) -> frozenset[str]:
        """Columns of the copy whose values become files or members of archives."""
        if not self.typed:
            return frozenset(self.media)
        if not self.same:
            return frozenset()
        return frozenset(c for c in self.media if names_files(self.field_of(c).type))

    def named(self, column: str) -> pa.ChunkedArray | None:
        """What the files of a column of the source are called; None where they have no names."""
        reader, rows = self.dataset.source.reader, pa.array(self.dataset.rows)
        kind = self.schema.field(column).type
        if kind.equals(CELL):
            if KEY not in reader.schema.names:  # pictures of an array have no names
                return None
            keys = reader.column(KEY).take(rows)
            return compute.binary_join_element_wise(keys, column, ".")
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return reader.column(column).take(rows)
        if pa.types.is_struct(kind) and kind.get_field_index("path") >= 0:
            if kind.get_field_index("bytes") < 0:
                return compute.struct_field(reader.column(column).take(rows), "path")
            return (
                reader.file_names(column).take(rows) if isinstance(reader, ParquetReader) else None
            )
        return None

    def field_of(self, home: str) -> pa.Field:
        """The source's column that a column of media comes from."""
        modality = self.media[home]
        (column,) = (c for c, where in self.homes[modality].items() if where == home)
        return self.schema.field(column)

    @cached_property
    def plain(self) -> dict[str, pa.Field]:
        """Columns that are written as they are, or with values in the place of some of them."""
        lost = {c for homes in self.homes.values() for c, home in homes.items() if c != home}
        fields = {f.name: f for f in self.schema if f.name not in self.media or f.name in lost}
        if self.form != "webdataset":
            fields = {n: f for n, f in fields.items() if not (f.type.equals(CELL) and n == MEMBER)}
        return fields

    def raw(self, positions: Ints, names: Sequence[str]) -> pa.Table:
        """Columns of the source as they are, of samples at some positions."""
        table = self._read(list(names), self.dataset.rows[positions])
        fields = [self.schema.field(name) for name in names]
        return table.cast(pa.schema(fields, table.schema.metadata))

    def _read(self, names: list[str], rows: Ints) -> pa.Table:
        """Columns as they are stored where types stay, and else with the names of classes."""
        reader = self.dataset.source.reader
        return stored(reader, names, rows) if self.typed else plain(reader, names, rows)

    def whole(self, modality: str) -> dict[str, pa.DataType]:
        """Columns of whole numbers that stay such though steps change cells, and their types.

        Numbers of their own, as noise makes, are floats, unless a column has whole numbers that no
        float holds: there what steps make is rounded.
        """
        entry, key = self.dataset.manifest.modalities[modality], f"whole of {modality}"
        if modality not in self.values or load_kind(entry.kind).columns != "several":
            return {}
        if key not in self._facts:
            types = {c: self._type(c) for c in entry.columns}
            self._facts[key] = {
                column: kind
                for column, kind in types.items()
                if pa.types.is_integer(kind)
                and (
                    modality not in self.mixes
                    or (column not in entry.categorical and self._wide(column))
                )
            }
        return dict(self._facts[key])

    def _wide(self, column: str) -> bool:
        """Whether a column has whole numbers that no float holds."""
        if self._type(column).bit_width < FLOATS.bit_length():
            return False
        ends = compute.min_max(self.dataset.source.reader.column(column)).as_py()
        return max(abs(end or 0) for end in ends.values()) > FLOATS

    def rounding(self, modality: str) -> tuple[Shape | None, bool]:
        """What rounds values when they are written, None: nothing; and whether 16 bits do."""
        rounds = modality in self.mixes and bool(self.whole(modality))
        shape = self.shape(modality) if rounds or self._narrow(modality) else None
        return shape, self._half(modality)

    def _narrow(self, modality: str) -> dict[str, pa.DataType]:
        """Columns of a table whose numbers have fewer bits than those that steps make."""
        several = load_kind(self.dataset.kinds[modality]).columns == "several"
        columns = self.columns(modality) if several and modality in self.values else []
        types = {column: self._type(column) for column in columns}
        narrow = (pa.types.is_float16, pa.types.is_float32)
        return {c: kind for c, kind in types.items() if any(fits(kind) for fits in narrow)}

    def _half(self, modality: str) -> bool:
        """Whether the numbers of vectors or series are stored in 16 bits, and so rounded."""
        if load_kind(self.dataset.kinds[modality]).columns == "several":
            return False
        kinds = [self._type(column) for column in self.columns(modality)]
        return any("halffloat" in str(kind) for kind in kinds)  # also in lists of lists

    def shape(self, modality: str) -> Shape:
        """What the values of a modality have in common, and what they are written as."""
        usual, entry = self.dataset.shape(modality), self.dataset.manifest.modalities[modality]
        if load_kind(entry.kind).columns != "several":
            return usual
        texts = [(c, pa.string()) for c in entry.columns if pa.types.is_string(self._type(c))]
        own = [*texts, *self.whole(modality).items(), *self._narrow(modality).items()]
        return replace(usual, types=(*usual.types, *own))

    def _type(self, column: str) -> pa.DataType:
        return self.schema.field(column).type

    @cached_property
    def raw_labels(self) -> dict[str, Any]:
        """The value of the source that each class stands for."""
        target, source = self.dataset.manifest.target, self.dataset.source
        if target is None:
            return {}
        every = np.arange(len(source), dtype=np.int64)
        pairs = pa.table({"name": source.columns.column("label"), "at": pa.array(every)})
        firsts = pairs.group_by("name").aggregate([("at", "min")]).drop_null()
        rows = firsts.column("at_min").to_numpy()
        values = self._read([target.column], rows).column(0).to_pylist()
        return dict(zip(firsts.column("name").to_pylist(), values, strict=True))


def nearest(dataset: Dataset) -> str:
    """The form that is nearest to that of a source."""
    source = dataset.source
    if isinstance(source.innermost, SplitReader) and not source.text:
        return "parquet"  # which its metadata are
    return SAME.get(source.form, "parquet")


def layout(dataset: Dataset, name: Format, assignments: Iterable[Assignment]) -> CopyLayout:
    """The layout of a copy.

    Args:
        dataset: The clean dataset.
        name: Name of the form that is asked for; ``same`` is the nearest to that of the source.
        assignments: What is done.
    """
    steps = [assignment.step for assignment in assignments]
    return CopyLayout(
        dataset,
        nearest(dataset) if name == "same" else name,
        frozenset(m for s in steps if s.makes == "values" for m in s.modalities),
        frozenset(m for s in steps if s.makes in {"mask", "donors"} for m in s.modalities),
        any(s.makes == "labels" for s in steps),
        frozenset(m for s in steps if not s.keeps_cells for m in s.modalities),
    )
