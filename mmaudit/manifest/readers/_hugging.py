"""Columns as Hugging Face datasets declare them, and as Arrow files of any origin have them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import compute

from mmaudit.errors import InputError
from mmaudit.kinds.base import media_kinds
from mmaudit.manifest.readers.base import Feature
from mmaudit.parsing.base import Parsing, refusing
from mmaudit.parsing.documents import from_json

SHOWN = 4  # classes that a refusal names
NOT_NUMBERS = "labels are not the numbers of the classes that their column declares"
SAVE = "declare all classes in the features of the data, or save it again"


def features(schema: pa.Schema, path: Path) -> dict[str, Feature]:
    """What Hugging Face datasets wrote of the columns.

    Raises:
        InputError: It cannot be read.
    """
    text = (schema.metadata or {}).get(b"huggingface")
    if text is None:
        return {}
    with refusing(
        "what Hugging Face datasets wrote of the columns is damaged", path, "save it again"
    ):
        entries: dict[str, Any] = from_json(text).get("info", {}).get("features", {})
        listed = {name: _feature(e) for name, e in entries.items() if isinstance(e, dict)}
    return {name: feature for name, feature in listed.items() if feature and name in schema.names}


def _feature(entry: dict[str, Any]) -> Feature | None:
    called = str(entry.get("_type"))
    if called == "ClassLabel":
        return Feature("class", tuple(map(str, entry.get("names") or ())))
    kind = called.lower()
    return Feature(kind) if kind in media_kinds() and called == kind.capitalize() else None


def field(raw: pa.Field, of: Mapping[str, Feature]) -> pa.Field:
    """A column as a reader gives it: text where it holds numbers of classes."""
    classes = of.get(raw.name, Feature()).classes
    return pa.field(raw.name, pa.string()) if classes else plain(raw)


def plain(raw: pa.Field) -> pa.Field:
    """A column without what only its format knows: extensions, dictionaries, views."""
    kind = raw.type
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        kind = pa.string()
    if pa.types.is_binary_view(kind):
        kind = pa.large_binary()
    return pa.field(raw.name, kind)


def plain_table(table: pa.Table) -> pa.Table:
    """A table of such columns."""
    schema = pa.schema([plain(f) for f in table.schema])
    return table if table.schema.equals(schema) else table.cast(schema)


def named(column: pa.ChunkedArray, feature: Feature | None) -> pa.ChunkedArray:
    """Names of classes in the place of their numbers.

    Raises:
        InputError: What is there is no number of a class.
    """
    if not feature or not feature.classes:
        return column
    shown = ", ".join(feature.classes[:SHOWN])
    with Parsing(lambda why: InputError(f"{NOT_NUMBERS}: {why}", where=f"{shown} …", fix=SAVE)):
        # -1 is how Hugging Face writes a label that is not known
        labels = compute.if_else(compute.greater_equal(column, 0), column, None)
        return pa.chunked_array([pa.array(feature.classes)], pa.string()).take(labels)
