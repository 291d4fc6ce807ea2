"""Aside: what a unit says that changes from run to run, beside its table and never in it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa

from mmaudit import files

KEY = b"aside"  # of the schema, until the table is written
ENDING = ".json"
WHAT = "what a unit says beside its table"
Facts = Mapping[str, Mapping[str, float]]  # numbers by what they are, and by what they are of


def with_facts(table: pa.Table, facts: Facts) -> pa.Table:
    """A unit's table that says something which is no part of it, as seconds that it took."""
    metadata = {**(table.schema.metadata or {}), KEY: json.dumps(facts, sort_keys=True).encode()}
    return table.replace_schema_metadata(metadata)


def parted(table: pa.Table, path: Path) -> pa.Table:
    """The table alone; what it says beside is written beside the path of its file."""
    metadata = dict(table.schema.metadata or {})
    facts = metadata.pop(KEY, None)
    if facts is None:
        return table
    files.write_bytes(path.with_suffix(ENDING), facts)
    return table.replace_schema_metadata(metadata)


def means(paths: Iterable[Path]) -> dict[str, dict[str, float]]:
    """What units said beside their tables, each number the mean of those that say it.

    Args:
        paths: The files of their tables.

    Raises:
        InputError: What one said cannot be read.
    """
    every: dict[str, dict[str, list[float]]] = {}
    for path in paths:
        beside = path.with_suffix(ENDING)
        if beside.exists():
            for what, numbers in files.read_json(beside, WHAT, fix=f"remove {path}").items():
                for name, number in numbers.items():
                    every.setdefault(what, {}).setdefault(name, []).append(float(number))
    return {
        what: {name: round(sum(some) / len(some), 3) for name, some in of.items()}
        for what, of in every.items()
    }
