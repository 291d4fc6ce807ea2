"""Columns of samples: ids, labels, splits, groups, slices, as text or numbers, and their checks."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from mmaudit.errors import InputError
from mmaudit.manifest.model import Manifest, Target
from mmaudit.manifest.repeats import repeated
from mmaudit.names import TRUTHS, name, natural
from mmaudit.parsing.numbers import number

Place = Callable[[int], str]
FALSE = frozenset({"", "0", "false", "no", "none"})
LABELS = {"class": pa.string(), "multilabel": pa.list_(pa.string()), "number": pa.float64()}


def sample_columns(
    manifest: Manifest,
    raw: Mapping[str, pa.ChunkedArray],
    rows: NDArray[np.int64],
    ids: tuple[str | None, str],
    place: Place,
) -> pa.Table:
    """Columns id, label, split, group and ``slice:NAME`` of some rows.

    Args:
        manifest: Which columns they are in.
        raw: Those columns, with one value a row.
        rows: Numbers of the rows, for ids where no column holds them.
        ids: The column that ids are in, if one is; and what ids begin with if none is.
        place: Where the row at a position is, for errors.

    Raises:
        InputError: An id is missing, or a label is not what the target says.
    """
    source, target = manifest.source, manifest.target
    named, basename = ids
    empty = pa.nulls(rows.size, pa.string())
    columns: dict[str, Any] = {
        "id": _ids(raw[named], source.id or named, place)
        if named
        else compute.binary_join_element_wise(basename, pa.array(rows).cast(pa.string()), ":"),
        "label": _labels(raw[target.column], target, place) if target else empty,
        "split": as_text(raw[source.split]) if source.split else empty,
        "group": as_text(raw[source.group]) if source.group else empty,
    }
    columns |= {f"slice:{s}": as_text(raw[s]) for s in source.slices}
    return pa.table(columns)


def as_text(column: Any) -> Any:
    """A column as text, null where absent: ``True`` is ``true``, ``3.0`` is ``3``."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    return pa.array([_text(v) for v in column.to_pylist()], pa.string())


def truth(column: pa.Array) -> NDArray[np.bool_]:
    """A column as truth values: null, 0, ``false`` and ``no`` are False."""
    texts = compute.fill_null(as_text(column), "").to_pylist()
    return np.array([t.strip().lower() not in FALSE for t in texts], np.bool_)


def class_names(labels: pa.ChunkedArray) -> tuple[str, ...]:
    """The classes that are there, in natural order."""
    names = [c for c in compute.unique(_each(labels)).to_pylist() if c is not None]
    return tuple(sorted(names, key=lambda c: (natural(c), c)))


def check_ids(ids: pa.ChunkedArray, place: Place) -> None:
    """Refuse ids that are there twice, with both places."""
    places = repeated(ids)
    if places is None:
        return
    first, second = places
    raise InputError(
        f"the id {ids[first].as_py()!r} is there more than once",
        where=f"{place(first)} and {place(second)}",
        fix="give every sample an id of its own, or leave id out of [source] to number the rows",
    )


def check_labels(labels: pa.ChunkedArray, target: Target, place: Place) -> None:
    """Refuse labels that are not among the manifest's classes, with the first place."""
    ours = set(target.classes or ())
    stray = [
        c for c in compute.unique(_each(labels)).to_pylist() if c not in ours and c is not None
    ]
    if not stray:
        return
    column = labels.to_pylist()
    row = next(i for i, c in enumerate(column) if c == stray[0] or (c and stray[0] in c))
    raise InputError(
        f"column {target.column!r} holds {stray[0]!r}, which is not among the manifest's classes",
        where=place(row),
        fix=f"add it to classes in [target], or correct the label ({len(ours)} classes are named)",
    )


def _each(labels: pa.ChunkedArray) -> Any:
    return compute.list_flatten(labels) if pa.types.is_list(labels.type) else labels


def _ids(column: pa.ChunkedArray, called: str, place: Place) -> Any:
    kind = column.type
    if pa.types.is_floating(kind) and not _whole(column):
        raise InputError(
            f"column {called!r} holds numbers that are missing or not whole",
            where=place(_first_odd(column)),
            fix="ids are text or whole numbers, and every sample has one",
        )
    ids = as_text(column)
    blank = compute.fill_null(compute.equal(ids, ""), fill_value=True)
    if compute.any(blank).as_py():
        raise InputError(
            f"the id in column {called!r} is missing",
            where=place(compute.index(blank, value=True).as_py()),
            fix="give every sample an id, or leave id out of [source] to number the rows",
        )
    return ids


def _whole(column: pa.ChunkedArray) -> bool:
    values = column.to_numpy()
    return bool(np.all(np.isfinite(values) & (values == np.floor(values))))


def _first_odd(column: pa.ChunkedArray) -> int:
    values = column.to_numpy()
    return int(np.argmin(np.isfinite(values) & (values == np.floor(values))))


def _labels(column: pa.ChunkedArray, target: Target, place: Place) -> Any:
    if target.kind == "class":
        return _plain_truths(as_text(column))
    if target.kind == "multilabel":
        return pa.array([_several(v) for v in column.to_pylist()], LABELS["multilabel"])
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column.cast(pa.float64())
    texts = as_text(column).to_pylist()
    return pa.array([_number(t, i, target, place) for i, t in enumerate(texts)], pa.float64())


def _number(text: str | None, position: int, target: Target, place: Place) -> float | None:
    if text is None:
        return None
    try:
        return number(text)
    except ValueError as error:
        raise InputError(
            f"column {target.column!r} holds {text!r}, which is not a number",
            where=place(position),
            fix='correct the cell, or leave it empty; for names say kind = "class" in [target]',
        ) from error


def _several(value: Any) -> list[str] | None:
    if isinstance(value, list):
        return [name(v) for v in value if v is not None]
    text = _text(value)
    return None if text is None else [name(t) for t in text.split("|") if t]


def _plain_truths(labels: Any) -> Any:
    """Labels of which ``True`` is ``true``, as `name` has it."""
    if not len(labels):
        return labels
    truths = compute.is_in(labels, value_set=pa.array(TRUTHS))
    return compute.if_else(truths, compute.utf8_lower(labels), labels)


def _text(value: Any) -> str | None:
    if isinstance(value, dict) and "bytes" in value:  # a member of an archive
        value = value["bytes"]
    if isinstance(value, bytes):
        value = value.decode("utf-8-sig", "backslashreplace").strip()
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124  NaN
        return None
    return name(value)
