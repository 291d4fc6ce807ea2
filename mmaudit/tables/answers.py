"""The answers of each sample, read condition by condition from the table of an audit."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from mmaudit.tables import store


def answers(samples: Path, condition: str, columns: Sequence[str] = ()) -> pa.Table | None:
    """One condition's rows of a per-sample table, without embeddings and other lists.

    Args:
        samples: The folder of the table.
        condition: Name of the condition.
        columns: Columns to read besides ``condition``; all by default.

    Returns:
        The rows; None if there are none, or a column is not there.
    """
    tables = []
    for path in store.parts(samples):
        with store.opened(path) as file:
            names = [f.name for f in file.schema_arrow if not pa.types.is_nested(f.type)]
            if not {"id", "condition", *columns} <= set(names):
                return None
            names = ["condition", *columns] if columns else names
            with store.reading(path):
                table = file.read_row_groups(row_groups(file, condition), names)
        tables.append(table.filter(pc.equal(table["condition"], condition)))
    rows = pa.concat_tables(tables) if tables else None
    return rows if rows is not None and rows.num_rows else None


def row_groups(file: parquet.ParquetFile, condition: str) -> list[int]:
    """The row groups of a file that may hold a condition, by their statistics."""
    paths = [file.schema.column(i).path for i in range(len(file.schema))]
    column = paths.index("condition")
    groups = []
    for group in range(file.metadata.num_row_groups):
        ends = file.metadata.row_group(group).column(column).statistics
        if ends is None or not ends.has_min_max or ends.min <= condition <= ends.max:
            groups.append(group)
    return groups
