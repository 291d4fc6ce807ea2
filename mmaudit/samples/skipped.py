"""Skipped samples travel with the table of the unit that met them, so that one file holds both."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa

from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json
from mmaudit.rows import column
from mmaudit.samples.decode import Skipped

KEY = b"mmaudit.skipped"


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """One value that could not be read; its sample was left out everywhere."""

    id: str = column("sample")
    modality: str = column("modality that could not be read")
    reason: str = column("why")


def with_skipped(table: pa.Table, skipped: Iterable[Skipped]) -> pa.Table:
    """Note the skipped samples in the table's metadata, in an order of their own."""
    ordered = sorted(skipped, key=lambda each: (each.modality, each.id))
    noted = json.dumps([asdict(s) for s in ordered]).encode()
    return table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: noted})


def skipped(metadata: dict[bytes, bytes]) -> list[SkippedRow]:
    """Read them back."""
    with refusing("what the table says of skipped samples is damaged", "", "run it again"):
        return [SkippedRow(**row) for row in from_json(metadata.get(KEY, b"[]"))]


def joined(tables: Sequence[pa.Table], row_group: Callable[[pa.Table], int]) -> pa.Table:
    """The tables of some samples after others as the one table of all of them.

    Args:
        tables: A table for each span of samples, with as many row groups as every other.
        row_group: How many rows of a table belong together.
    """
    if len(tables) == 1:
        return tables[0]
    lost = [Skipped(**asdict(row)) for t in tables for row in skipped(t.schema.metadata or {})]
    full = [table for table in tables if table.num_rows] or [tables[0]]
    pieces = []
    for group in range(full[0].num_rows // row_group(full[0])):
        parts = [t.slice(group * row_group(t), row_group(t)) for t in full]
        pieces.append(pa.concat_tables(parts, promote_options="default").combine_chunks())
    return with_skipped(pa.concat_tables(pieces) if pieces else full[0], lost)
