"""Folders: pictures of ice, recordings of noise and of rooms that a user brings along."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from mmaudit import parts
from mmaudit.arrays import Sound
from mmaudit.corruptions.base import Corruption, FolderOption, UserFolder
from mmaudit.endings.note import NativeRead
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.options import CorruptOptions
from mmaudit.injection.record.card import file_hashes
from mmaudit.injection.spec import KIND, load_part
from mmaudit.injection.steps import Step
from mmaudit.kinds import audio, image
from mmaudit.kinds.base import Shape, Undecodable
from mmaudit.manifest.walk import below
from mmaudit.samples.dataset import Dataset

OPTIONS: tuple[FolderOption, ...] = get_args(FolderOption)


def with_folders(
    steps: Sequence[Step], options: CorruptOptions, dataset: Dataset
) -> tuple[Step, ...]:
    """The same steps, with what the given folders hold.

    Raises:
        UsageError: A folder is given that no step uses, or a step needs one that is not given.
        InputError: A folder holds nothing that can be used.
    """
    used = {folder.option for step in steps if (folder := _folder(step))}
    for option in OPTIONS:
        if getattr(options, option) and option not in used:
            raise UsageError(
                f"{_flag(option)} is given, and nothing uses it", fix=f"--apply {_users(option)}"
            )
    return tuple(_with_folder(step, options, dataset) for step in steps)


def digests(options: CorruptOptions) -> dict[str, str]:
    """sha256 of every file of the given folders, by option and place, and of a given index."""
    out: dict[str, str] = {}
    for option in OPTIONS:
        if getattr(options, option):
            root = Path(getattr(options, option))
            names = [path.relative_to(root).as_posix() for path in _files(root)]
            out |= {f"{option}/{name}": sha for name, sha in file_hashes(root, names).items()}
    if options.index:
        index = Path(options.index)
        out["index"] = file_hashes(index.parent, [index.name])[index.name]
    return out


def _folder(step: Step) -> UserFolder | None:
    return None if step.corruption is None else step.corruption.folder


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"


def _users(option: str) -> str:
    """The corruptions that take the folder of an option, as ``audio/reverb or …``."""
    loaded = {name: load_part(name) for name in parts.names(KIND)}
    return " or ".join(
        name
        for name, part in loaded.items()
        if isinstance(part, Corruption) and part.folder and part.folder.option == option
    )


def _with_folder(step: Step, options: CorruptOptions, dataset: Dataset) -> Step:
    folder = _folder(step)
    path = getattr(options, folder.option) if folder else None
    if folder is None or not path:
        if folder is not None and folder.required:
            instead = f", or {folder.instead}" if folder.instead else ""
            raise UsageError(
                f"{step.name} needs {folder.holds}", fix=f"{_flag(folder.option)} FOLDER{instead}"
            )
        return step
    read = _pictures(path) if folder.kind == image.NAME else _clips(path, dataset, step.modality)
    corruption = folder.use(step.part, read) if folder.use else step.part
    return replace(step, corruption=corruption, clips=read if corruption.donors else ())


def _pictures(folder: str) -> tuple[NDArray[np.uint8], ...]:
    pictures = []
    for path in _files(folder):
        try:
            with NativeRead(str(path)):
                pixels = image.decode(path.read_bytes(), Shape())
        except Undecodable:
            continue  # a read-me beside the pictures; an empty folder is refused below
        if pixels is not None and pixels.dtype == np.uint8 and pixels.shape[2] >= 3:
            pictures.append(np.ascontiguousarray(pixels[:, :, :3]))
    return tuple(_some(pictures, folder, "pictures"))


def _clips(folder: str, dataset: Dataset, modality: str) -> tuple[Sound, ...]:
    rate, clips = dataset.shape(modality).rate, []
    for path in _files(folder):
        try:
            with NativeRead(str(path)):
                cell = {"bytes": path.read_bytes(), "path": path.name}
                sound, own = audio.decode_with_rate(cell)
        except Undecodable:
            continue  # a read-me beside the recordings; an empty folder is refused below
        if sound is not None:
            clips.append(np.ascontiguousarray(_at_rate(sound, own, round(rate))))
    return tuple(_some(clips, folder, "recordings"))


def _at_rate(sound: Sound, own: int, rate: int) -> Sound:
    if own == rate:
        return sound
    from scipy.signal import resample_poly  # noqa: PLC0415  slow to import, and seldom needed

    return resample_poly(sound, rate, own, axis=0).astype(np.float32)


def _some(values: list[Any], folder: str, what: str) -> list[Any]:
    if not values:
        raise InputError(f"the folder holds no {what}", where=folder, fix="another folder")
    return values


def _files(folder: str | Path) -> list[Path]:
    root = Path(folder)
    if not root.is_dir():
        raise InputError("there is no such folder", where=str(folder), fix="check the path")
    return below(root)
