"""A verdict as ``verdict.json``, whose shape is published in ``gate/schema.json``."""

import errno
import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.gate.verdict import Verdict
from mmaudit.tables.signed import signed
from mmaudit.version import VERSION

SCHEMA_VERSION = 1


def document(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data."""
    content = {
        "schema": SCHEMA_VERSION,
        "mmaudit": VERSION,
        "outcome": verdict.outcome,
        "exit_code": verdict.exit_code,
        "headline": verdict.headline,
        "notes": list(verdict.notes),
        **{key: plain(value) for key, value in asdict(verdict).items()},
    }
    # the digest is that of what is read back: dates and numbers as JSON has them
    return signed(json.loads(json.dumps(content, default=str)))


def plain(value: Any) -> Any:
    """The same without infinities, which JSON has no word for: an open end is null."""
    match value:
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case float() if math.isinf(value):
            return None
        case _:
            return value


def write(verdict: Verdict, path: str | Path) -> None:
    """Write ``verdict.json`` whole or not at all, into a folder that is there."""
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    text = json.dumps(document(verdict), indent=1, ensure_ascii=False, allow_nan=False)
    files.write_text(path, text + "\n")
