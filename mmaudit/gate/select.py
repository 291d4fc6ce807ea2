"""Selectors: which rows of which table a check is about.

``robustness.accuracy{corruption=image/motion_blur,severity=3}`` means: in the summary of the audit
``robustness``, the rows of the metric ``accuracy`` whose column ``corruption`` is
``image/motion_blur`` and whose ``severity`` is 3. Names and values may hold ``*``. A value with a
comma is written in quotes: ``{present="image,text"}``. A column that is not named is free, but for
``slice``, which is ``all``. A pattern never matches null or the
empty text: ``severity=*`` leaves the clean row out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Protocol

from mmaudit.errors import UsageError
from mmaudit.names import ALL

SHAPE = re.compile(r"\s*([\w-]+)\.([\w*?@:>.-]+)\s*(?:\{(.*)\})?\s*", re.DOTALL)
FILTER = re.compile(r"""\s*([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,"'{}]*?))\s*(?:,|$)""")
EXAMPLE = 'write it like "AUDIT.METRIC{COLUMN=VALUE}"'
MOST = 8  # values of a column that are named
NOT_KEYS = {"metric", "estimate"}

Row = Mapping[str, Any]


class MetricRows(Protocol):
    """Rows by metric: a summary."""

    @property
    def metrics(self) -> Sequence[str]:
        """The metrics that it has numbers of."""

    def of(self, metric: str) -> Sequence[Row]:
        """The rows of one metric."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which rows a check is about.

    Attributes:
        audit: Folder of the run that holds the summary.
        metric: Name of the metric, or a pattern.
        filters: Column and the value or pattern that it must have.
        text: As the config wrote it.
    """

    audit: str
    metric: str
    filters: tuple[tuple[str, str], ...]
    text: str

    def rows(self, table: MetricRows) -> list[Row]:
        """The rows that match, metric by metric, in the table's order."""
        return [row for name in self.names(table) for row in table.of(name) if self.fits(row)]

    def names(self, table: MetricRows) -> list[str]:
        """The metrics that match."""
        return [name for name in table.metrics if fnmatchcase(name, self.metric)]

    def close(self, table: MetricRows) -> list[str]:
        """Metrics with a name like the wanted one."""
        return get_close_matches(self.metric, table.metrics)

    def unmatched(self, table: MetricRows) -> str:
        """Why no row matches: the metric, or the filter that matches nothing, and what there is."""
        names = self.names(table)
        if not names:
            metrics = _listed(self.metric, table.metrics)
            return f"no row matches metric = {self.metric}; metrics: {metrics}"
        rows = [row for name in names for row in table.of(name)]
        for column, wanted in self.filters:
            if not any(_matches(row[column], wanted) for row in rows):
                there = [str(row[column]) for row in rows if row[column] not in (None, "")]
                return f"no row matches {column} = {wanted}; {column} has {_listed(wanted, there)}"
        return "no row matches all of " + ", ".join(f"{c} = {w}" for c, w in self.filters)

    def check_columns(self, columns: Iterable[str], where: str) -> None:
        """Refuse a filter on a column that the table does not have.

        Raises:
            UsageError: A filter names no key column.
        """
        keys = [name for name in columns if name not in NOT_KEYS]
        for name, value in self.filters:
            if name not in keys:
                raise UsageError(
                    f"the table has no column {name!r} to select by, in {self.text!r}",
                    where=where,
                    fix=f"columns: {', '.join(keys)}; a part of the samples is "
                    f'slice = "{name}={value}"',
                )

    def fits(self, row: Row) -> bool:
        """Whether a row, of whichever metric, is one that the filters mean."""
        return all(_matches(row[name], wanted) for name, wanted in self.filters)


def parse(text: str, *, slice: str | None, where: str) -> Selector:
    """Read a selector.

    Args:
        text: As written in a config.
        slice: Value of the check's own key ``slice``, if it has one.
        where: File and check, for the refusal.

    Raises:
        UsageError: The text is not a selector, or names a column twice.
    """
    shape = SHAPE.fullmatch(text)
    if shape is None:
        raise UsageError(f"cannot read the metric {text!r}", where=where, fix=EXAMPLE)
    filters = _filters(shape[3] or "", text, where)
    if slice is not None and filters.setdefault("slice", slice) != slice:
        raise UsageError(f"two slices in {text!r}", where=where, fix="name the slice once")
    filters.setdefault("slice", ALL)
    return Selector(shape[1].replace("-", "_"), shape[2], tuple(filters.items()), text.strip())


def _filters(inner: str, text: str, where: str) -> dict[str, str]:
    filters: dict[str, str] = {}
    position = 0
    while inner[position:].strip():
        one = FILTER.match(inner, position)
        if one is None or one[1] in filters:
            raise UsageError(f"cannot read the metric {text!r}", where=where, fix=EXAMPLE)
        filters[one[1]] = next(group for group in one.groups()[1:] if group is not None)
        position = one.end()
    return filters


def _listed(wanted: str, names: Sequence[str]) -> str:
    """Some values, each once, those like the wanted one first."""
    values = list(dict.fromkeys(names))
    close = get_close_matches(wanted, values)
    ordered = [*close, *(value for value in values if value not in close)]
    more = f" and {len(ordered) - MOST} more" if len(ordered) > MOST else ""
    return f"{', '.join(ordered[:MOST]) or 'no value'}{more}"


def _matches(value: object, wanted: str) -> bool:
    if value is None or value == "":
        return value == wanted
    return fnmatchcase(str(value), wanted)
