"""Verify: a corrupted dataset made again in memory, and compared with its card."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.injection import card
from mmaudit.injection.prepared import prepare
from mmaudit.injection.work import HASHES
from mmaudit.samples import dataset as data
from mmaudit.tables import store


def verify(path: str | Path) -> tuple[bool, list[str]]:
    """Make a corrupted dataset again in memory and compare it with what a card says.

    Args:
        path: A ``card.json`` beside the corrupted dataset.

    Returns:
        Whether all bytes match, and what was compared, one line each.

    Raises:
        InputError: The clean data is not there, or is not what it was.
    """
    path = Path(path)
    told = card.read(path)
    whole = data.open(card.manifest_of(told, path.parent.absolute()))
    lines = _compare_files(path.parent, told)
    prepared = prepare(whole, card.options_of(told, path.parent), None)
    differing = _differing(prepared.work.made.digests, told["dataset"]["digests"])
    if differing:
        raise InputError(
            f"the clean data is not what the card was made from: {differing} differs",
            where=str(whole.manifest.folder / whole.manifest.source.path),
            fix="the same data and folders as then",
        )
    again = [prepared.work.made_of(unit.rows) for unit in prepared.units]
    hashes = pa.concat_tables(again)
    if card.content_hash(hashes) != told["content"]:
        lines.append(f"differs when made again: {_first_difference(path.parent, hashes)}")
    ok = not lines
    n = len(told["files"])
    return ok, lines or [f"{n} files and {hashes.num_rows} values match, byte for byte"]


def _differing(now: Mapping[str, str], then: Mapping[str, str]) -> str:
    """The first input whose content is not what it was; the manifest says the same elsewhere."""
    names = sorted((now.keys() | then.keys()) - {"manifest"})
    return next((name for name in names if now.get(name) != then.get(name)), "")


def _compare_files(folder: Path, told: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, digest in told["files"].items():
        if not (folder / name).is_file():
            lines.append(f"is not there: {name}")
        elif card.file_hashes(folder, [folder / name])[name] != digest:
            lines.append(f"differs from the card: {name}")
    return lines


def _first_difference(folder: Path, again: pa.Table) -> str:
    order = [("id", "ascending"), ("modality", "ascending")]
    before = store.read(folder / f"{HASHES}.parquet").sort_by(order).to_pylist()
    for was, now in zip(before, again.sort_by(order).to_pylist(), strict=False):
        if was != now:
            return f"{now['modality']} of {now['id']}"
    return "the number of samples"
