"""What the metrics of a summary mean, kept in the table's own metadata by its audit."""

import json
import math
from collections.abc import Mapping
from typing import Any

from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json
from mmaudit.rows import Metric
from mmaudit.tables.provenance import AGAIN

KEY = b"mmaudit.metrics"


def metadata(meanings: Mapping[str, Metric]) -> dict[bytes, bytes]:
    """The Arrow schema metadata that holds what metrics mean, in their order."""
    entries = {name: _entry(metric) for name, metric in meanings.items()}
    return {KEY: json.dumps(entries).encode()}


def meanings(metadata: Mapping[bytes, bytes] | None) -> dict[str, Metric]:
    """Read back what the metrics mean; empty if the table does not say."""
    with refusing("what the table says of its metrics is damaged", "", AGAIN):
        entries = from_json((metadata or {}).get(KEY, b"{}"))
        return {name: Metric(**entry) for name, entry in entries.items()}


def _entry(metric: Metric) -> dict[str, Any]:
    entry: dict[str, Any] = {"help": metric.help, "unit": metric.unit, "better": metric.better}
    ends = {"low": metric.low, "high": metric.high}
    # JSON has no infinity: an end that is not there is open
    entry |= {"exact": True} if metric.exact else {}
    return entry | {end: value for end, value in ends.items() if math.isfinite(value)}
