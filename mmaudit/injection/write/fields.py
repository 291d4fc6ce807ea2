"""Fields: a record in JSON as its source wrote it, with what is another value now; a row of CSV."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from mmaudit.injection.write.form import to_json


def as_before(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """A record with what is the same as before as it was: 1 stays 1, what is not there stays so.

    Args:
        before: The record of the source.
        now: All fields as they are to be; None for what is absent.

    Example:
        >>> as_before({"b": 1, "a": "x"}, {"a": "y", "b": 1.0, "c": None, "d": 2})
        {'b': 1, 'a': 'y', 'd': 2}
    """
    there = {k: old if _alike(old, now[k]) else now[k] for k, old in before.items() if k in now}
    return there | {k: new for k, new in now.items() if k not in before and new is not None}


def csv_row(cells: Iterable[Any], ending: str) -> str:
    """A line of CSV; what is no text or number as JSON.

    Args:
        cells: The values; None is empty.
        ending: ``tsv`` for tabs, anything else for commas.
    """
    text = StringIO()
    writer = csv.writer(text, delimiter="\t" if ending == "tsv" else ",", lineterminator="\n")
    writer.writerow(
        ["" if c is None else c if isinstance(c, str | int | float) else to_json(c) for c in cells]
    )
    return text.getvalue()


def _alike(old: Any, new: Any) -> bool:
    """Whether two values of JSON are the same; a field that is not there is like null."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_alike(old.get(k), new.get(k)) for k in {*old, *new})
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_alike, old, new))
    return bool(old == new)
