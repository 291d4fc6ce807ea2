"""The types of a skops file that nobody has to trust, because they cannot run anything.

skops itself does not list a number type of NumPy, which most fitted encoders and imputers hold.
A name says little: the same type may be built in a way that hands it a state of the file's own, so
a type is plain only where every entry of it in the file is read in the way that skops wrote it.
"""

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import Any

from mmaudit.parsing import archives
from mmaudit.parsing.documents import from_json

SCHEMA = "schema.json"
PLAIN = {  # how each is read: from an empty array, as a name, from an array
    "numpy.dtype": "DTypeNode",
    "numpy.ndarray": "TypeNode",
    "numpy.bytes_": "NdArrayNode",
}
DTYPES = "numpy.dtypes."  # classes of number types, read as names


def strange_types(path: Path, names: Collection[str]) -> list[str]:
    """Those of some types in a skops file that a person has to trust.

    Args:
        path: The file.
        names: The types that skops does not trust.

    Raises:
        ValueError: Its schema is no JSON.
        KeyError: It has none.
    """
    if not any(map(_way, names)):
        return sorted(names)
    ways = _ways(from_json(archives.member(path, SCHEMA)))
    return sorted(name for name in names if ways[name] != {_way(name)})


def _way(name: str) -> str:
    return "TypeNode" if name.startswith(DTYPES) else PLAIN.get(name, "")


def _ways(schema: Any) -> dict[str, set[str]]:
    """How each type of a schema is read."""
    ways: dict[str, set[str]] = defaultdict(set)
    level = [schema]
    while level:
        entry = level.pop()
        if isinstance(entry, dict):
            name = f"{entry.get('__module__')}.{entry.get('__class__')}"
            ways[name].add(str(entry.get("__loader__")))
            level += entry.values()
        elif isinstance(entry, list):
            level += entry
    return ways
