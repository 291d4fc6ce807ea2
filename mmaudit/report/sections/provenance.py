"""How a run was made, as tables, and the files beside its page."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mmaudit.report.blocks import Table, table
from mmaudit.report.read import RunData

LONGEST = 300
MOST_LINKS = 60


def tables(run: RunData) -> tuple[Table, ...]:
    """For each audit: options, seed, versions, digests, and what it cost."""
    log = run.log.get("audits", {})
    blocks = []
    for name, audit in run.audits.items():
        origin = audit.origin
        rows = [(key, _plain(value)) for key, value in sorted(origin.options.items())]
        rows.append(("seed", str(origin.seed)))
        rows += [(f"version of {key}", value) for key, value in sorted(origin.versions.items())]
        rows += [(f"digest of {key}", value) for key, value in sorted(origin.digests.items())]
        notes = log.get(name, {}) if isinstance(log, Mapping) else {}
        rows += [(key.replace("_", " "), _plain(value)) for key, value in sorted(notes.items())]
        title = f"{name.replace('_', ' ').capitalize()}: options, versions, digests"
        blocks.append(table(title, ("what", "value"), rows))
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class Link:
    """A file beside the page.

    Attributes:
        href: Where it lies, from the page, percent-encoded.
        name: Its path in the run.
        size: Its size, for people.
    """

    href: str
    name: str
    size: str


def links(run: RunData, at: Path) -> tuple[Link, ...]:
    """The Parquet files of a run, as links from a page in some folder.

    Args:
        run: The run.
        at: Folder that the page lies in.
    """
    beside = []
    for path in sorted(run.path.glob("**/*.parquet"))[:MOST_LINKS]:
        there = os.path.relpath(path.resolve(), at.resolve())
        size = f"{path.stat().st_size / 1000:,.0f} kB"
        beside.append(Link(f"./{quote(there)}", str(path.relative_to(run.path)), size))
    return tuple(beside)


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
