"""Between typed rows and Arrow tables."""

import math
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

from mmaudit.rows import Estimate, Metric, View
from mmaudit.tables import meanings
from mmaudit.tables.provenance import Provenance

NO_METRICS: Mapping[str, Metric] = types.MappingProxyType({})

ESTIMATE = pa.struct(
    [pa.field(name, pa.float64(), nullable=False) for name in ("value", "low", "high")]
    + [pa.field("n", pa.int64(), nullable=False)]
)
TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    Estimate: ESTIMATE,
}


def schema(
    row_type: type,
    origin: Provenance,
    metrics: Mapping[str, Metric] = NO_METRICS,
    views: Sequence[View] = (),
) -> pa.Schema:
    """Arrow schema of a row dataclass; each field carries its help, unit and direction."""
    hints = get_type_hints(row_type)
    return pa.schema(
        [_field(f.name, hints[f.name], f.metadata) for f in fields(row_type)],
        metadata=origin.metadata()
        | (meanings.metadata(metrics) if metrics else {})
        | meanings.views_metadata(views),
    )


def to_table(
    rows: Iterable[Any],
    row_type: type,
    origin: Provenance,
    metrics: Mapping[str, Metric] = NO_METRICS,
    views: Sequence[View] = (),
) -> pa.Table:
    """Collect rows, sorted by their key columns, into a table that says how it was made.

    The keys are the columns before the first `Estimate` or number. NaN is refused: a number that
    was not measured is null, or its row is not there. Ends of intervals are held to the range of
    their metric: no value is beyond it.

    Args:
        rows: Instances of the row dataclass.
        row_type: The row dataclass.
        origin: How the numbers were made.
        metrics: What the values of the column ``metric`` mean, for a summary.
        views: How a report shows it, for a summary.

    Raises:
        ValueError: A number is NaN.
    """
    listed = [asdict(row) for row in rows]
    for row in listed:
        _refuse_nan(row)
        _hold(row, metrics.get(row.get("metric", "")))
    table = pa.Table.from_pylist(listed, schema=schema(row_type, origin, metrics, views))
    table.validate(full=True)
    keys = [f.name for f in table.schema if not _is_answer(f.type)]
    return table.sort_by([(key, "ascending") for key in keys]) if listed else table


def _field(name: str, hint: Any, metadata: Mapping[str, str]) -> pa.Field:
    nullable = get_origin(hint) in {Union, types.UnionType} and type(None) in get_args(hint)
    if nullable:
        (hint,) = (arg for arg in get_args(hint) if arg is not type(None))
    return pa.field(name, TYPES[hint], nullable, {k: str(v) for k, v in metadata.items()})


def _hold(row: dict[str, Any], metric: Metric | None) -> None:
    estimate = row.get("estimate")
    if metric is not None and isinstance(estimate, dict):
        value = estimate["value"]
        estimate["low"] = max(estimate["low"], min(metric.low, value))
        estimate["high"] = min(estimate["high"], max(metric.high, value))


def _is_answer(type: pa.DataType) -> bool:
    return bool(pa.types.is_struct(type) or pa.types.is_floating(type))


def _refuse_nan(value: Any) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_nan(inner)
    elif isinstance(value, float) and math.isnan(value):
        raise ValueError("a table never holds NaN: leave the row out or say null")
