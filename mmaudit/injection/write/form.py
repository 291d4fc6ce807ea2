"""Form: what a way to write samples is, and what all that write records share."""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

AT_ONCE = 64  # samples whose files are held beside their table


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """What is known of the samples when all are written.

    Attributes:
        columns: The column of each modality of media that is not called as in the source.
        hashes: sha256 of files that the workers took, by path relative to the dataset's folder.
        renamed: How many files have their sample's id in their name, by column.
        endings: How many files hold another form than their name, which stays, says, by column.
        masks: The column that says in which samples a modality is, where no null can.
    """

    columns: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    endings: dict[str, int] = field(default_factory=dict)
    masks: dict[str, str] = field(default_factory=dict)


class Form(Protocol):
    """One way to write samples."""

    @property
    def path(self) -> str:
        """Where the data is, relative to the manifest."""
        ...

    @property
    def reader(self) -> str:
        """Name of the reader that opens it."""
        ...

    @property
    def parts(self) -> Path:
        """Folder of the units' tables."""
        ...

    def keep(self, table: pa.Table, start: int) -> pa.Table:
        """Write the samples of a unit whose first row is ``start``; the table that it leaves."""
        ...

    def finish(self) -> WrittenFile:
        """Bring the units' tables together."""
        ...


def records(table: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows of a table, few of them in memory at a time."""
    for batch in table.to_batches(max_chunksize=AT_ONCE):
        yield from batch.to_pylist()


def to_json(record: dict[str, Any]) -> str:
    """A record as one line of JSON; what JSON has no form for as its text."""
    return json.dumps(record, ensure_ascii=False, default=_text)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
