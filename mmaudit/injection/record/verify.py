"""Verify: a corrupted dataset made again in memory, and compared with its card."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmaudit import locks
from mmaudit.errors import InputError, MissingError
from mmaudit.injection.calibrate import Calibration, calibrations_of_card
from mmaudit.injection.prepare import Preparation, prepare
from mmaudit.injection.record import card
from mmaudit.injection.spec import load_part
from mmaudit.injection.unit import HASHES
from mmaudit.injection.write.manifest import DATA
from mmaudit.manifest.walk import below
from mmaudit.samples import dataset as data
from mmaudit.samples.dataset import Dataset
from mmaudit.tables import store


def verify(path: str | Path, clean: str | Path | None = None) -> tuple[bool, list[str]]:
    """Make a corrupted dataset again in memory and compare it with what a card says.

    Args:
        path: A ``card.json`` beside the corrupted dataset.
        clean: The dataset it was made from, where it is not where the card says.

    Returns:
        Whether all bytes match, and what was compared, one line each.

    Raises:
        InputError: The clean data is not there, or is not what it was, or the card is broken.
        MissingError: The clean data is at a URL and cannot be fetched.
        IncompleteError: A command is at work in the folder.
    """
    with locks.reading(Path(path).parent, "corrupt --verify"):
        return _verified(Path(path), clean)


def _verified(path: Path, clean: str | Path | None) -> tuple[bool, list[str]]:
    entries = card.read(path)
    _check_versions(path, entries)
    whole = _clean(path, entries, clean)
    options = card.options_of(entries, path.parent)
    prepared = prepare(whole, options, None, calibrations=_calibrations(path, entries))
    differing = _differing(prepared.work.provenance.digests, entries["dataset"]["digests"])
    if differing:
        raise InputError(
            f"the clean data is not what the card was made from: {differing} differs",
            where=whole.manifest.at,
            fix="the same data and folders as then",
        )
    lines = _compare_files(path.parent, entries) + _unlisted(path.parent, entries)
    values, differing = _compare_values(path.parent, entries, prepared)
    lines += [f"differs when made again: {differing}"] if differing else []
    return not lines, lines or [
        f"{len(entries['files'])} files and {values} values match, byte for byte"
    ]


def _check_versions(path: Path, entries: Mapping[str, Any]) -> None:
    """Refuse to compare what another version of a corruption made."""
    for step in entries["steps"]:
        name, then = step["part"], step["version"]
        now = load_part(name).version
        if now != then:
            raise MissingError(
                f"{name} is here in version {now}, and the card was made by version {then}",
                where=str(path),
                fix=f"mmaudit {entries.get('mmaudit', 'of then')} makes the same bytes again",
            )


def _calibrations(path: Path, entries: Mapping[str, Any]) -> dict[str, Calibration]:
    try:
        return calibrations_of_card(entries["steps"])
    except (KeyError, TypeError, ValueError) as error:
        raise card.broken(path, f"what was calibrated: {error}") from error


def _clean(path: Path, entries: Mapping[str, Any], clean: str | Path | None) -> Dataset:
    """The dataset that a corrupted one was made from."""
    if clean is not None:
        return data.open(clean)
    manifest = card.manifest_of(entries, path.parent.absolute())
    try:
        return data.open(manifest)
    except (InputError, MissingError) as error:
        where = error.where if "://" in error.where else os.path.normpath(error.where)
        raise type(error)(
            f"the clean data of this card: {error.what}",
            where=where,
            fix=f"put it back, or say where it is: mmaudit corrupt DATASET --verify {path}",
        ) from error


def _compare_values(
    folder: Path, entries: Mapping[str, Any], prepared: Preparation
) -> tuple[int, str]:
    """How many values were made again, and the first that is not what it was."""
    content, values, first = card.Content(), 0, ""
    then = _stored_hashes(folder, entries)
    for unit in prepared.units:
        now = prepared.work.hashes_of(unit.rows)
        content.add(now)
        values += now.num_rows
        if then is not None and not first:
            first = _first_difference(then.slice(values - now.num_rows, now.num_rows), now)
    same = content.hexdigest() == entries["content"]
    return values, "" if same else first or "some value"


def _stored_hashes(folder: Path, entries: Mapping[str, Any]) -> pa.Table | None:
    """The hashes as they were written; None where that table is not what it was."""
    name = f"{HASHES}.parquet"
    whole = not _compare_files(folder, {"files": {name: entries["files"].get(name)}})
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


def _compare_files(folder: Path, entries: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, digest in entries["files"].items():
        if not (folder / name).is_file():
            lines.append(f"is not there: {name}")
        elif card.file_hashes(folder, [name])[name] != digest:
            lines.append(f"differs from the card: {name}")
    return lines


def _unlisted(folder: Path, entries: Mapping[str, Any]) -> list[str]:
    """Files among the data that the card does not know: a manifest's pattern would read them."""
    names = (p.relative_to(folder).as_posix() for p in below(folder / DATA))
    return [f"is not in the card: {name}" for name in sorted(names) if name not in entries["files"]]
