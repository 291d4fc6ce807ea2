"""Severities of a sweep: numbers, or equal doses from the file of ``corrupt --calibrate``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mmaudit import files
from mmaudit.corruptions.base import SEVERITIES, AnyCorruption
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.spec import load_corruption

SUFFIX = ".json"
WRITTEN = "the severities.json that mmaudit corrupt --calibrate writes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """One corruption of one modality with the parameters that have the asked doses.

    Attributes:
        part: The corruption; its severities are the calibrated levels.
        labels: What each severity is called, as ``ssim=0.6``, for the levels that were reached.
    """

    part: AnyCorruption
    labels: Mapping[int, str]


Levels = Mapping[tuple[str, str], Calibrated]  # by corruption and modality


@dataclass(frozen=True, slots=True, kw_only=True)
class Severities:
    """What ``--severities`` asks for: numbers, or a file.

    Attributes:
        grid: Severities 1 to 5, rising.
        levels: Calibrated severities; None where numbers were asked for.
        left_out: A line for each level that could not be reached.
    """

    grid: tuple[int, ...] = ()
    levels: Levels | None = None
    left_out: tuple[str, ...] = ()


def severities(values: Sequence[int | str]) -> Severities:
    """Understand what was asked for.

    Raises:
        UsageError: A severity is not 1 to 5, or a file stands beside other severities.
        InputError: The file is not of calibrated severities.
    """
    files = [s for s in values if isinstance(s, str)]
    if files:
        if len(values) > 1 or not files[0].endswith(SUFFIX):
            raise UsageError(
                f"{files[0]!r} is neither a severity nor one file of them",
                fix="--severities 1,3,5 or --severities severities.json",
            )
        levels, left_out = read(files[0])
        return Severities(levels=levels, left_out=left_out)
    grid = tuple(sorted({s for s in values if isinstance(s, int)}))
    wrong = [s for s in grid if not 1 <= s <= SEVERITIES]
    if wrong or not grid:
        raise UsageError(f"there is no severity {wrong[:1] or ''}", fix="--severities 1,3,5")
    return Severities(grid=grid)


def read(path: str | Path) -> tuple[Levels, tuple[str, ...]]:
    """Read calibrated severities.

    Args:
        path: The ``severities.json`` of a calibrated dataset.

    Returns:
        The levels, and a line for each that could not be reached and is left out.

    Raises:
        InputError: The file is not there or is not such a file.
    """
    content = files.read_json(path, "file of severities", fix=WRITTEN)
    try:
        entries = [_entry(key, entry) for key, entry in content.items()]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(
            f"not a file of calibrated severities: {error}",
            where=str(path),
            fix=WRITTEN,
        ) from error
    left_out = tuple(line for _, _, lines in entries for line in lines)
    return {key: level for key, level, _ in entries if level.labels}, left_out


def _entry(key: str, entry: Mapping[str, Any]) -> tuple[tuple[str, str], Calibrated, list[str]]:
    name, _, modality = key.partition("@")
    part = load_corruption(name)
    kind, dose, levels = type(part.severities[0]), entry["dose"], entry["levels"]
    severities = tuple(kind(**level["parameters"]) for level in levels)
    labels, left_out = {}, []
    for number, level in enumerate(levels, 1):
        label = f"{dose}={level['target']:g}"
        if level["ok"]:
            labels[number] = label
        else:
            left_out.append(f"{key}: {label} cannot be reached, and is left out")
    calibrated = Calibrated(part=replace(part, severities=severities), labels=labels)
    return (name, modality), calibrated, left_out
