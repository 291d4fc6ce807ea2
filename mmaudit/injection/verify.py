"""Verify: a corrupted dataset made again in memory, and compared with its card."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.injection import card
from mmaudit.injection.calibrate import calibrated_before
from mmaudit.injection.prepared import Prepared, prepare
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
    found = calibrated_before(told["steps"])
    prepared = prepare(whole, card.options_of(told, path.parent), None, found=found)
    differing = _differing(prepared.work.made.digests, told["dataset"]["digests"])
    if differing:
        raise InputError(
            f"the clean data is not what the card was made from: {differing} differs",
            where=whole.manifest.at,
            fix="the same data and folders as then",
        )
    lines = _compare_files(path.parent, told)
    values, differing = _compare_values(path.parent, told, prepared)
    lines += [f"differs when made again: {differing}"] if differing else []
    return not lines, lines or [
        f"{len(told['files'])} files and {values} values match, byte for byte"
    ]


def _compare_values(folder: Path, told: Mapping[str, Any], prepared: Prepared) -> tuple[int, str]:
    """How many values were made again, and the first that is not what it was."""
    content, values, first = card.Content(), 0, ""
    then = _stored_hashes(folder, told)
    for unit in prepared.units:
        now = prepared.work.made_of(unit.rows)
        content.add(now)
        values += now.num_rows
        if then is not None and not first:
            first = _first_difference(then.slice(values - now.num_rows, now.num_rows), now)
    same = content.hexdigest() == told["content"]
    return values, "" if same else first or "some value"


def _stored_hashes(folder: Path, told: Mapping[str, Any]) -> pa.Table | None:
    """The hashes as they were written; None where that table is not what it was."""
    name = f"{HASHES}.parquet"
    whole = not _compare_files(folder, {"files": {name: told["files"][name]}})
    return store.read(folder / name) if whole else None


def _first_difference(then: pa.Table, now: pa.Table) -> str:
    for was, is_ in zip(then.to_pylist(), now.to_pylist(), strict=False):
        if was != is_:
            return f"{is_['modality']} of {is_['id']}"
    return ""


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
