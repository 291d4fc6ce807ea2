"""Copying: the columns of a source with what was changed in its place, and all else as it was."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.arrays import Bools, Ints
from mmaudit.injection.write.layout import CopyLayout
from mmaudit.injection.write.merging import (
    STORED,
    Remains,
    alike,
    embedded,
    flat,
    merged,
    stored_files,
)
from mmaudit.injection.write.names import SUFFIX
from mmaudit.kinds.base import load_kind
from mmaudit.manifest.readers.base import CELL
from mmaudit.samples.columns import as_text
from mmaudit.samples.media import names_files

FILE = pa.struct(  # a value that becomes a file: its own name, what it ends with, whether it is new
    [
        ("bytes", pa.large_binary()),
        ("path", pa.string()),
        ("suffix", pa.string()),
        ("changed", pa.bool_()),
    ]
)
MAGIC = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"fLaC": ".flac", b"OggS": ".ogg"}
MEMBER = pa.large_binary()  # what is left of a member of an archive in another form


def copied(
    layout: CopyLayout,
    positions: Ints,
    ids: Sequence[str],
    outcomes: Mapping[str, Remains],
    labels: Sequence[str | None] | None,
) -> pa.Table:
    """The columns of some samples as they are written.

    Args:
        layout: Which columns there are.
        positions: Positions of the samples, ``(n,)``.
        ids: Their ids.
        outcomes: What steps left of each modality.
        labels: Their classes, where a step changes labels.
    """
    names = list(layout.schema.names)
    raw = layout.raw(positions, names)
    columns: dict[str, Any] = {}
    fields: dict[str, pa.Field] = {}

    def add(name: str, array: Any, field: pa.Field | None = None) -> None:
        columns[name] = array
        same = field is not None and field.type.equals(array.type)
        fields[name] = (
            field.with_name(name) if field is not None and same else pa.field(name, array.type)
        )

    if layout.id not in layout.schema.names:
        add(layout.id, pa.array(ids, pa.string()))
    for name, field in layout.plain.items():
        add(name, _foreign(layout, name, raw.column(name)), field)
    for column, name in layout.roles.items():
        if name != column:
            add(name, _role(layout, column, raw, positions), _field(layout, column))
    for modality, outcome in outcomes.items():
        for column, home, array in _modality(layout, modality, outcome, raw, positions):
            add(home, array, _field(layout, column))
    if labels is not None:
        target = layout.dataset.manifest.target
        if target is None:
            raise TypeError("labels of a dataset without a target")
        name = layout.roles[target.column]
        add(name, _labels(layout, labels, _field(layout, target.column)), fields[name])
    order = [n for n in layout.schema.names if n in columns]
    order = [n for n in columns if n not in order and n == layout.id] + order
    order += [n for n in columns if n not in order]
    schema = pa.schema([fields[n] for n in order], layout.schema.metadata)
    return pa.table([columns[n] for n in order], schema=schema)


def _field(layout: CopyLayout, column: str) -> pa.Field | None:
    return layout.schema.field(column) if column in layout.schema.names else None


def _foreign(layout: CopyLayout, name: str, column: Any) -> Any:
    """A column as it is; of archives that are written in another form, what their members hold."""
    if not column.type.equals(CELL) or layout.form == "webdataset":
        return column
    target = layout.dataset.manifest.target
    source = layout.dataset.manifest.source
    roles = {source.split, source.group, *source.slices, target.column if target else None}
    if name in roles:
        return as_text(column)
    return compute.struct_field(flat(column), "bytes").cast(MEMBER)


def _role(layout: CopyLayout, column: str, raw: pa.Table, positions: Ints) -> Any:
    """A column of splits, groups, slices or labels that is written beside itself."""
    if column in raw.column_names:
        return _foreign(layout, column, raw.column(column))
    rows = layout.dataset.rows[positions]
    return layout.dataset.source.reader.take([column], rows).column(0)


def _modality(
    layout: CopyLayout, modality: str, outcome: Remains, raw: pa.Table, positions: Ints
) -> list[tuple[str, str, Any]]:
    """The columns of a modality: where each comes from, where it goes, and what it holds."""
    homes = layout.homes[modality]
    moved = not np.array_equal(outcome.source, positions)
    own = layout.raw(outcome.source, list(homes)) if moved else raw.select(list(homes))
    if load_kind(layout.dataset.kinds[modality]).media:
        cells = _media(layout, modality, outcome, own, raw)
        own_rows = outcome.source == positions
        return [(column, home, cells(column, home, own_rows)) for column, home in homes.items()]
    fresh, changes = _fresh(layout, modality, outcome.cells), modality in layout.values
    before = _fresh(layout, modality, outcome.clean) if changes and len(homes) > 1 else None
    out = []
    for at, (column, home) in enumerate(homes.items()):
        array = own.column(column)
        foreign = array.type.equals(CELL) and layout.form != "webdataset"
        if modality in layout.touched or foreign:
            same = alike(before[at], fresh[at]) if before else None
            array = merged(array, fresh[at], outcome, changes=changes, same=same)
        out.append((column, home, array))
    return out


def _fresh(layout: CopyLayout, modality: str, values: list[Any]) -> list[pa.Array]:
    """The values of a modality as its kind writes them; members of archives as what they hold."""
    kind, homes = load_kind(layout.dataset.kinds[modality]), layout.homes[modality]
    in_archive = layout.form == "webdataset" and all(
        layout.schema.field(c).type.equals(CELL) for c in homes
    )
    if in_archive:
        cells = [None if v is None else {"bytes": kind.encode(v, 0.0)} for v in values]
        return [pa.array(cells, CELL) for _ in homes]
    return kind.arrays(values, list(homes), layout.shape(modality))


def _media(
    layout: CopyLayout, modality: str, outcome: Remains, own: pa.Table, raw: pa.Table
) -> Callable[[str, str, Bools], Any]:
    """A column of pictures or sounds: as in the source, or as what becomes files."""
    columns = list(layout.homes[modality])
    places = _places(columns, own)

    def of(column: str, home: str, own_rows: Bools) -> Any:
        kind = layout.schema.field(column).type
        number = columns.index(column)
        mine = [c if p == number else None for c, p in zip(outcome.cells, places, strict=True)]
        if home in layout.files:
            changed, touched = outcome.changed | ~own_rows, modality in layout.touched
            return _files(file_names(raw.column(column)), mine, changed, touched=touched)
        if names_files(kind):
            return pa.array(mine, STORED)
        if modality not in layout.touched:
            return stored_files(own.column(column))
        return embedded(kind, mine, outcome, own.column(column))

    return of


def _places(columns: list[str], own: pa.Table) -> list[int]:
    """Which of several columns each file goes to: the one that it was in."""
    if len(columns) == 1:
        return [0] * own.num_rows
    there = [own.column(c).is_valid().to_pylist() for c in columns]
    return [next((k for k, t in enumerate(there) if t[i]), 0) for i in range(own.num_rows)]


def _files(names: list[str | None], cells: list[Any], changed: Bools, *, touched: bool) -> pa.Array:
    """What becomes files: every one with the name that the sample's own file has.

    One that could not be read has its name alone.
    """
    files: list[dict[str, Any] | None] = []
    for cell, name, new in zip(cells, names, changed, strict=True):
        if cell is not None and cell["bytes"] is not None:
            data, ending = cell["bytes"], suffix(cell)
            files.append({"bytes": data, "path": name, "suffix": ending, "changed": bool(new)})
        else:
            files.append(None if touched or name is None else {"path": name})
    return pa.array(files, FILE)


def file_names(column: Any) -> list[str | None]:
    """What the files of a column are called; None where they have no name."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column.to_pylist()
    if pa.types.is_struct(kind) and kind.get_field_index("path") >= 0:
        return compute.struct_field(flat(column), "path").to_pylist()
    return [None] * len(column)


def suffix(cell: Mapping[str, Any]) -> str:
    """How the name of a file ends: as its own does, or as its first bytes say."""
    match = SUFFIX.search(cell.get("path") or "")
    if match:
        return match[0]
    data: bytes = cell["bytes"]
    if data[:4] == b"RIFF":
        return ".wav" if data[8:12] == b"WAVE" else ".webp"
    return next((s for magic, s in MAGIC.items() if data.startswith(magic)), ".bin")


def _labels(layout: CopyLayout, labels: Sequence[str | None], field: pa.Field | None) -> pa.Array:
    """Classes as the source writes them; as texts where it has none of some of them."""
    raw, classes = layout.raw_labels, layout.dataset.classes or ()
    kind = pa.string() if field is None else field.type
    if kind.equals(CELL):
        if layout.form != "webdataset":
            return pa.array(labels, pa.string())
        return pa.array([None if v is None else {"bytes": v.encode()} for v in labels], CELL)
    if all(name in raw for name in classes):
        return pa.array([None if v is None else raw[v] for v in labels], kind)
    return pa.array(labels, pa.string())
