"""Skipped samples travel with the table of the unit that met them, so that one file holds both."""

import json
from collections.abc import Iterable
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
    """Note the skipped samples in the table's metadata."""
    noted = json.dumps([asdict(s) for s in skipped]).encode()
    return table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: noted})


def skipped(metadata: dict[bytes, bytes]) -> list[SkippedRow]:
    """Read them back."""
    with refusing("what the table says of skipped samples is damaged", "", "run it again"):
        return [SkippedRow(**row) for row in from_json(metadata.get(KEY, b"[]"))]
