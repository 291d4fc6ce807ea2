"""Provenance: what a table was made from, and how, kept in the table's own metadata."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mmaudit.parsing.base import refusing
from mmaudit.parsing.documents import from_json

KEY = b"mmaudit"
AGAIN = "the command that wrote it, with --resume where it takes that; else run it again"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything that a table's numbers depend on, and nothing that changes from run to run.

    Attributes:
        audit: Name of the audit, as ``robustness``.
        options: Every option of the audit that can change a number.
        seed: Seed of all randomness.
        versions: Version of mmaudit, of each corruption used, and of the libraries that matter.
        digests: sha256 of the manifest, the data and the model.
        headline: One plain sentence that the audit made of its numbers.
        notes: Further plain sentences: what was left out, what to beware of.
        schema_version: Raised when a column's meaning changes.
    """

    audit: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    headline: str = ""
    notes: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def metadata(self) -> dict[bytes, bytes]:
        """The Arrow schema metadata that holds this."""
        return {KEY: json.dumps(asdict(self), sort_keys=True, default=str).encode()}


def provenance(metadata: Mapping[bytes, bytes] | None) -> Provenance | None:
    """Read the provenance back from a schema's metadata; None if mmaudit did not write it."""
    if not metadata or KEY not in metadata:
        return None
    with refusing("what the table says of how it was made is damaged", "", AGAIN):
        entries = from_json(metadata[KEY])
        return Provenance(**entries | {"notes": tuple(entries.get("notes", ()))})
