"""What the metrics of a summary mean, and how it is laid out: metadata of its table."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json
from mmaudit.rows import Metric, View
from mmaudit.tables.provenance import AGAIN

KEY = b"mmaudit.metrics"
VIEWS = b"mmaudit.views"


def metadata(meanings: Mapping[str, Metric]) -> dict[bytes, bytes]:
    """The Arrow schema metadata that holds what metrics mean, in their order."""
    entries = {name: _entry(metric) for name, metric in meanings.items()}
    return {KEY: json.dumps(entries).encode()}


def meanings(metadata: Mapping[bytes, bytes] | None) -> dict[str, Metric]:
    """Read back what the metrics mean; empty if the table does not say."""
    with refusing("what the table says of its metrics is damaged", "", AGAIN):
        entries = from_json((metadata or {}).get(KEY, b"{}"))
        return {name: Metric(**entry) for name, entry in entries.items()}


def views_metadata(views: Sequence[View]) -> dict[bytes, bytes]:
    """The Arrow schema metadata that holds how a report shows a summary."""
    return {VIEWS: json.dumps([asdict(view) for view in views]).encode()} if views else {}


def views(metadata: Mapping[bytes, bytes] | None) -> tuple[View, ...]:
    """Read back how a report shows a summary; empty if the table does not say."""
    with refusing("what the table says of its views is damaged", "", AGAIN):
        entries = from_json((metadata or {}).get(VIEWS, b"[]"))
        return tuple(View(**entry) for entry in entries)


def _entry(metric: Metric) -> dict[str, Any]:
    entry: dict[str, Any] = {"help": metric.help, "unit": metric.unit, "better": metric.better}
    ends = {"low": metric.low, "high": metric.high}
    # JSON has no infinity: an end that is not there is open
    entry |= {"exact": True} if metric.exact else {}
    entry |= {"unsure": metric.unsure} if metric.unsure else {}
    return entry | {end: value for end, value in ends.items() if math.isfinite(value)}
