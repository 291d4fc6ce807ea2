"""Card: everything that a corrupted dataset was made from, and the hashes of what came out."""

import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from mmaudit import files
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.encoder import without_folders
from mmaudit.injection.options import PATHS, CorruptOptions, from_keys
from mmaudit.manifest.model import Manifest
from mmaudit.parsing.documents import from_toml
from mmaudit.samples.account import Tally
from mmaudit.samples.dataset import Dataset

CARD = "card.json"
SCHEMA = 1


@dataclass
class _Step:
    part: str
    modality: str
    version: int


@dataclass
class _Data:
    manifest: str
    digests: dict[str, str]


@dataclass
class _Card:
    """What a card must hold to be compared with; it may hold more."""

    options: dict[str, Any]
    steps: list[_Step]
    dataset: _Data
    content: str
    files: dict[str, str]


def read(path: str | Path) -> dict[str, Any]:
    """Read a card.

    Raises:
        InputError: There is none, or mmaudit did not write it.
    """
    entries = files.read_json(path, "card", fix="OUT/card.json")
    if entries.get("schema") != SCHEMA:
        raise InputError("not a card of this version", where=str(path), fix="OUT/card.json")
    try:
        TypeAdapter(_Card).validate_python(entries)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise broken(path, f"{place}: {first['msg']}") from error
    return entries


def broken(path: str | Path, why: str) -> InputError:
    """The refusal of a card that is not as it was written."""
    return InputError(
        f"the card was changed: {why}", where=str(path), fix="the card as it was written"
    )


def file_hashes(
    root: Path, names: Iterable[str], hashes: Mapping[str, str] | None = None, workers: int = 1
) -> dict[str, str]:
    """sha256 of files by their path relative to a folder, sorted.

    Args:
        root: The folder.
        names: Paths of the files.
        hashes: Those of files that need not be read.
        workers: How many files are read at a time.
    """
    ready = hashes or {}
    listed = sorted(names)
    unread = [name for name in listed if name not in ready]
    with ThreadPoolExecutor(workers) as threads:
        digests = threads.map(files.digest, [root / name for name in unread])
        every = {**ready, **dict(zip(unread, digests, strict=True))}
    return {name: every[name] for name in listed}


class Content:
    """Hash of many values that does not depend on their order, one batch in memory at a time.

    The sha256 of every (id, modality, hash of the value) is added up modulo ``2**256``. So it is
    the same for every format, order of samples and cut of files.
    """

    def __init__(self) -> None:
        self._sum = 0

    def add(self, hashes: pa.Table) -> None:
        """Take in rows of the table of hashes."""
        for row in zip(*(c.to_pylist() for c in hashes.columns), strict=True):
            self._sum += int.from_bytes(sha256(json.dumps(row).encode()).digest())

    def hexdigest(self) -> str:
        """The hash, 64 hexadecimal digits."""
        return f"{self._sum % 2**256:064x}"


def manifest_from(dataset: Dataset, folder: Path) -> str:
    """The manifest's text with paths relative to a folder, so that the card finds the data."""
    manifest = dataset.manifest
    source = manifest.source

    def moved(path: str) -> str:
        if "://" in path:  # a URL is the same from everywhere
            return path
        if manifest.store:
            return f"{manifest.store}/{path}"
        return _between(folder, manifest.folder.resolve() / path)

    root = None if source.root is None else moved(source.root)
    links = None if source.links is None else moved(source.links)
    paths = {"path": moved(source.path), "root": root, "links": links}
    return manifest.model_copy(update={"source": source.model_copy(update=paths)}).to_toml()


def beyond(tables: Iterable[pa.Table]) -> dict[str, dict[str, dict[str, int]]]:
    """What files held that is in no value: of how many, and how much, by modality and what."""
    tallies: dict[str, Tally] = {}
    for table in tables:
        for row in table.to_pylist():
            tallies.setdefault(row["modality"], Tally()).add({row["what"]: row["count"]})
    return {
        modality: {what: {"files": f, "count": n} for what, (f, n) in tally.counts.items()}
        for modality, tally in sorted(tallies.items())
    }


def options_from(options: CorruptOptions, folder: Path) -> dict[str, Any]:
    """The options with paths relative to a folder."""
    values = asdict(options)
    for key in PATHS:
        if values[key] is not None:
            path = Path(values[key]).absolute()
            values[key] = _between(folder, path.parent.resolve() / path.name)
    return values | {"encoder": options.encoder and without_folders(options.encoder)}


def _between(folder: Path, path: Path) -> str:
    """The way from a folder to a path; from where it really is, for ``..`` leads up from there."""
    return Path(os.path.relpath(path, folder.resolve())).as_posix()


def options_of(entries: Mapping[str, Any], folder: Path) -> CorruptOptions:
    """The options that a card holds.

    Raises:
        InputError: They are not such options.
    """
    values = dict(entries["options"])
    for key in PATHS:
        if isinstance(values.get(key), str):
            values[key] = str(folder / values[key])
    try:
        return from_keys(values)
    except UsageError as error:
        raise broken(folder / CARD, error.what) from error


def manifest_of(entries: Mapping[str, Any], folder: Path) -> Manifest:
    """The manifest that a card holds.

    Raises:
        InputError: It is not a manifest.
    """
    try:
        manifest = Manifest.model_validate(
            from_toml(entries["dataset"]["manifest"]), by_alias=True, by_name=False
        )
    except (KeyError, TypeError, ValueError) as error:  # of TOML and of pydantic too
        raise broken(folder / CARD, "its manifest cannot be read") from error
    return manifest.placed(folder, file=str(folder / CARD))
