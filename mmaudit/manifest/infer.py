"""Write a manifest by looking at the data."""

from pathlib import Path

from mmaudit.errors import UsageError
from mmaudit.manifest.model import Manifest


def infer(path: str | Path) -> Manifest:
    """Infer a manifest from a data file, folder or pattern."""
    raise UsageError("a data path needs a manifest", where=str(path), fix="write a dataset.toml")
