"""A table of a run as people want it: in a terminal, in a notebook, as a pandas frame."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit import extras
from mmaudit.errors import InputError
from mmaudit.formats import interval, number
from mmaudit.tables import store

MOST = 40  # rows that are shown; the frame has them all
LONGEST = 120  # characters of a cell that are shown


@dataclass(frozen=True, slots=True)
class Shown:
    """One table of a run.

    Attributes:
        name: Its name in the run, as ``robustness/summary``.
        parts: The files it is kept in.
        run: The run it is of; a temporary folder stays for as long as a table of it is in use.
    """

    name: str
    parts: tuple[Path, ...]
    run: object = field(default=None, repr=False)

    def arrow(self) -> pa.Table:
        """The whole table."""
        if not self.parts:
            raise InputError(f"the run has no table {self.name!r}", fix="look at run.tables")
        return pa.concat_tables([store.read(path) for path in self.parts])

    def to_pandas(self) -> Any:
        """The whole table as a pandas frame; an estimate is four columns (``estimate.low`` …).

        Raises:
            MissingError: There is no pandas.
        """
        extras.require("a frame", "pandas")
        return self.arrow().flatten().to_pandas()

    def __len__(self) -> int:
        return sum(store.opened(path).metadata.num_rows for path in self.parts)

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """A table for a terminal."""
        from rich.table import Table  # noqa: PLC0415  a frame or a page needs no terminal

        names, rows, more = self._head()
        table = Table(title=self.name, caption=more or None)
        for name in names:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*row)
        yield table

    def _repr_html_(self) -> str:
        """A table for a notebook."""
        names, rows, more = self._head()
        head = "".join(f"<th>{escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
        )
        caption = f"<caption>{escape(self.name)} {escape(more)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _head(self) -> tuple[list[str], list[list[str]], str]:
        table = self.arrow()
        rows = [[_cell(v) for v in row.values()] for row in table.slice(0, MOST).to_pylist()]
        more = table.num_rows - len(rows)
        return table.column_names, rows, f"and {more} more rows" if more else ""


def _cell(value: object) -> str:
    match value:
        case {"value": v, "low": low, "high": high, "n": n}:
            return f"{interval(v, low, high)} n={n}"
        case float():
            return number(value)
        case None:
            return ""
        case bytes():
            return f"{len(value):,} bytes"
        case _:
            text = str(value)
            return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
