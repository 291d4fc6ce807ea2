"""Laid: tables one after the other, in a temporary file where they are too large for the memory."""

from collections.abc import Iterable, Sequence
from tempfile import NamedTemporaryFile

import pyarrow as pa


def joined(tables: Iterable[pa.Table], most: int) -> pa.Table:
    """Tables as one; what is more than fits goes into files without a name, and is read from there.

    Args:
        tables: Tables of the same columns, one at least.
        most: Bytes that are held in memory, beside the last of the tables.

    Raises:
        OSError: There is no room for the files.
    """
    parts, held, size = list[pa.Table](), list[pa.Table](), 0
    for table in tables:
        held.append(table)
        size += table.nbytes
        if size > most:
            parts.append(_laid(held))
            held, size = [], 0
    return pa.concat_tables([*parts, *held])


def _laid(tables: Sequence[pa.Table]) -> pa.Table:
    with NamedTemporaryFile(prefix="mmaudit-", suffix=".arrow") as file:
        with pa.ipc.new_file(file, tables[0].schema) as writer:
            for table in tables:
                writer.write_table(table)
        file.flush()
        return pa.ipc.open_file(pa.memory_map(file.name)).read_all()  # lives on without its name
