"""Frames: values of modalities side by side, as estimators take them: by name or by number.

An estimator that was fitted on a frame gets one, with the columns that it names from the source of
the dataset, whatever their order there; one that was fitted on arrays gets an array.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mmaudit.errors import InputError, UsageError
from mmaudit.kinds import table, text, vector
from mmaudit.models.base import Batch, Request, Values
from mmaudit.samples.origin import Origin

Arrange = Callable[[Batch], Any]
SERIES = "series"
FIX = "name the columns in the manifest as the frame had them that the estimator was fitted on"


def arrangement(estimator: Any, modalities: tuple[str, ...], request: Request) -> Arrange:
    """How values of some modalities are handed to an estimator.

    Args:
        estimator: Fitted; its ``feature_names_in_`` say that it takes columns by name. One that
            says neither these nor ``n_features_in_`` gets a frame where there is a row of a table,
            or a text beside another modality.
        modalities: What it takes, in that order.
        request: Knows the columns of the dataset, if there is one.

    Raises:
        InputError: The dataset lacks a column that it names, or has two of that name.
    """
    by_modality = {origin.modality: origin for origin in request.origins}
    if any(m not in by_modality for m in modalities):
        return lambda batch: _array(batch, modalities)
    selected = [by_modality[m] for m in modalities]
    names = getattr(estimator, "feature_names_in_", None)
    if names is None and not (_unsaid(estimator) and _mixed(selected)):
        return lambda batch: _array(batch, modalities)
    unused = _unused(estimator)
    wanted = None if names is None else [n for n in map(str, names) if n not in unused]
    return lambda batch: _frame(batch, selected, wanted, request.spec)


def modalities_of(estimator: Any, request: Request) -> tuple[str, ...]:
    """The modalities of the dataset that an estimator takes, where they can be told.

    The only one that there is; or those that have the columns which it was fitted on by name, each
    in one of them; or, of arrays, the only table with as many columns where no vector or series,
    of which the width is seen later, could be meant.

    Raises:
        UsageError: They cannot be told.
    """
    able = _able(estimator, request.origins)
    if able:
        return tuple(origin.modality for origin in able)
    names = ", ".join(origin.modality for origin in request.origins)
    raise UsageError(
        "the estimator does not say which modalities it takes"
        + (f", and the dataset has {names}" if names else ""),
        where=request.spec,
        fix=(
            "add ,modalities=a,b in the order of its columns; in Python "
            '{"estimator": it, "modalities": ["a", "b"]}'
        ),
    )


def _able(estimator: Any, origins: tuple[Origin, ...]) -> list[Origin]:
    """The modalities that an estimator takes, in the dataset's order; none where that is open."""
    if len(origins) == 1:
        return list(origins)
    if getattr(estimator, "feature_names_in_", None) is not None:
        wanted = {*map(str, estimator.feature_names_in_)} - _unused(estimator)
        homes = {n: [o for o in origins if n in {*o.columns, o.modality}] for n in wanted}
        if any(len(those) != 1 for those in homes.values()):
            return []
        return [o for o in origins if any(those == [o] for those in homes.values())]
    able = [origin for origin in origins if _takes(estimator, origin)]
    return able if len(able) == 1 else []


def _takes(estimator: Any, origin: Origin) -> bool:
    """Whether an estimator that was fitted on an array can take a modality, as far as it says."""
    if _unsaid(estimator):
        return origin.kind in {table.NAME, text.NAME}
    if origin.kind == table.NAME:
        return len(origin.columns) == estimator.n_features_in_
    return origin.kind in {vector.NAME, SERIES}


def _unused(estimator: Any) -> frozenset[str]:
    """Columns that a ``ColumnTransformer`` was fitted on and takes nothing from: ids, labels."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    while getattr(estimator, "steps", None):
        estimator = estimator.steps[0][1]
    if not hasattr(estimator, "transformers_"):
        return frozenset()
    names, used = np.array([*map(str, estimator.feature_names_in_)], object), set[str]()
    for _, transformer, columns in estimator.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        named = not isinstance(columns, slice) and np.asarray(columns).dtype.kind in "UO"
        used |= {*map(str, np.atleast_1d(columns))} if named else {*np.atleast_1d(names[columns])}
    return frozenset(names) - used


def _unsaid(estimator: Any) -> bool:
    """Whether an estimator does not say how many numbers it takes."""
    return not hasattr(estimator, "n_features_in_")


def _mixed(origins: list[Origin]) -> bool:
    kinds = [origin.kind for origin in origins]
    return table.NAME in kinds or (text.NAME in kinds and len(kinds) > 1)


def _frame(
    batch: Batch, origins: list[Origin], wanted: list[str] | None, spec: str
) -> pd.DataFrame:
    """The columns that are wanted, all of them where nothing is said, in that order."""
    columns, others, twice = dict[str, Any](), dict[str, Any](), set[str]()
    for origin in origins:
        own = _columns(batch[origin.modality], origin)
        twice |= own.keys() & columns.keys()
        columns |= own
        if len(own) == 1:  # a text or a number may also be called as the modality is
            others[origin.modality] = next(iter(own.values()))
    names = list(columns) if wanted is None else wanted
    every = others | columns
    lacking = [name for name in names if name not in every]
    if lacking:
        raise InputError(
            f"the estimator takes the column {lacking[0]!r}, and the dataset has "
            f"{', '.join(columns)}",
            where=spec,
            fix=FIX,
        )
    if twice & {*names}:
        raise InputError(
            f"two modalities have a column {min(twice & {*names})!r}",
            where=spec,
            fix="an estimator that takes each column once",
        )
    return pd.DataFrame({name: every[name] for name in names})


def _columns(values: Values, origin: Origin) -> Mapping[str, Any]:
    """The columns of one modality by their names in the source."""
    if len(values) and isinstance(values[0], str):
        return {origin.columns[0]: pd.Series(list(values), dtype=object)}
    rows = _rows(values, origin.modality)
    names = origin.columns
    if rows.shape[1] != len(names):
        names = tuple(f"{names[0]}_{i}" for i in range(rows.shape[1]))
    if rows.dtype != object:
        return dict(zip(names, rows.T, strict=True))
    return {
        name: _cells(cells.tolist(), categories=name in origin.categorical)
        for name, cells in zip(names, rows.T, strict=True)
    }


def _cells(cells: list[Any], *, categories: bool) -> Any:
    """A column of a table; a cell that is empty is NaN, as pandas reads it."""
    filled = [np.nan if cell is None else cell for cell in cells]
    if categories or not all(isinstance(cell, (int, float)) for cell in filled):
        return pd.Series(filled, dtype=object)
    return np.array(filled, np.float64)


def _array(batch: Batch, modalities: tuple[str, ...]) -> Any:
    """Modalities side by side, ``(n, numbers)`` float64, or objects where they are mixed.

    One modality of texts is the list of them.
    """
    if len(modalities) == 1 and _texts(batch[modalities[0]]):
        return list(batch[modalities[0]])
    rows = [
        np.array(list(batch[m]), object)[:, None] if _texts(batch[m]) else _rows(batch[m], m)
        for m in modalities
    ]
    if len(rows) == 1:
        return rows[0]
    kind = object if any(r.dtype == object for r in rows) else np.float64
    return np.concatenate([r.astype(kind) for r in rows], axis=1)


def _texts(values: Values) -> bool:
    return bool(len(values)) and isinstance(values[0], str)


def _rows(values: Values, modality: str) -> Any:
    """Values of one shape as ``(n, numbers)`` float64, or the objects of a table's rows."""
    if not isinstance(values, np.ndarray):
        shapes = sorted({np.shape(value) for value in values})
        raise InputError(
            f"the values of {modality!r} have different shapes: {shapes[:3]}",
            fix="scikit-learn needs values of one shape",
        )
    if values.dtype == object:
        return values
    return values.reshape(len(values), -1).astype(np.float64)
