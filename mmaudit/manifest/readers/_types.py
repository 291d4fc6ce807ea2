"""Arrow types of JSON values, and what two of them have in common."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

SIMPLE: dict[type, pa.DataType] = {
    type(None): pa.null(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
}
NUMBERS = frozenset({int, float})


class Mixed(TypeError):  # noqa: N818  what it is, not that it is an error
    """Two values that no column can hold together, and the words for both."""


def of(value: Any) -> pa.DataType:
    """The Arrow type of a JSON value.

    Raises:
        Mixed: A list holds values that no column can hold together.
    """
    if isinstance(value, dict):
        return pa.struct([(key, of(inner)) for key, inner in value.items()])
    if not isinstance(value, list):
        return SIMPLE[type(value)]
    kinds = set(map(type, value))
    if kinds <= NUMBERS:  # long lists of numbers are common: no look at each
        return pa.list_(pa.float64() if float in kinds else pa.int64() if kinds else pa.null())
    return pa.list_(joined(of(inner) for inner in value))


def joined(kinds: Iterable[pa.DataType]) -> pa.DataType:
    """The narrowest type that holds values of all of some types."""
    narrowest = pa.null()
    for kind in kinds:
        narrowest = join(narrowest, kind)
    return narrowest


def join(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The narrowest type that holds values of both.

    Raises:
        Mixed: There is none: text is not a number, a list is not a number.
    """
    if one.equals(other) or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if pa.types.is_list(one) and pa.types.is_list(other):
        return pa.list_(join(one.value_type, other.value_type))
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        fields = {f.name: f.type for f in one}
        for f in other:
            fields[f.name] = join(fields.get(f.name, pa.null()), f.type)
        return pa.struct(list(fields.items()))
    raise Mixed(f"{word(one)} and {word(other)}")


def merged(columns: Mapping[str, pa.DataType], record: Mapping[str, Any]) -> dict[str, pa.DataType]:
    """Types of columns after one more record.

    Raises:
        Mixed: With the name of the column in front.
    """
    types = dict(columns)
    for column, value in record.items():
        try:
            kind = of(value)
            if types.get(column) is not kind:
                types[column] = join(types.get(column, pa.null()), kind)
        except Mixed as mixed:
            raise Mixed(f"column {column!r} holds {mixed}") from mixed
    return types


def word(kind: pa.DataType) -> str:
    """A type for people."""
    if pa.types.is_list(kind):
        return f"a list of {word(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "an object"
    words = {pa.string(): "text", pa.bool_(): "true or false", pa.null(): "nothing"}
    return words.get(kind, "a number")
