"""Folders: pictures of ice, recordings of noise and of rooms that a user brings along."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmaudit import parts
from mmaudit.corruptions.base import AnyCorruption
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.options import Options
from mmaudit.injection.record.card import file_hashes
from mmaudit.injection.steps import Step
from mmaudit.kinds import audio, image
from mmaudit.kinds.base import Shape, Undecodable
from mmaudit.samples.dataset import Dataset
from mmaudit.seeds import Words

FROST, NOISE, REVERB = "image/frost", "audio/noise_file", "audio/reverb"
FLAGS = {FROST: "frost_dir", NOISE: "noise_dir", REVERB: "rir_dir"}
Sound = NDArray[np.float32]


def with_folders(steps: Sequence[Step], options: Options, dataset: Dataset) -> tuple[Step, ...]:
    """The same steps, with what the given folders hold.

    Raises:
        UsageError: A folder is given that no step uses, or a step needs one that is not given.
        InputError: A folder holds nothing that can be used.
    """
    names = {step.name for step in steps}
    for name, flag in FLAGS.items():
        if getattr(options, flag) and name not in names:
            told = f"--{flag.replace('_', '-')}"
            raise UsageError(f"{told} is given, and nothing uses it", fix=f"--apply {name}")
    return tuple(_with_folder(step, options, dataset) for step in steps)


def digests(options: Options) -> dict[str, str]:
    """sha256 of every file of the given folders, by flag and place, and of a given index."""
    found: dict[str, str] = {}
    for flag in FLAGS.values():
        if getattr(options, flag):
            root = Path(getattr(options, flag))
            names = [path.relative_to(root).as_posix() for path in _files(root)]
            found |= {f"{flag}/{name}": told for name, told in file_hashes(root, names).items()}
    if options.index:
        index = Path(options.index)
        found["index"] = file_hashes(index.parent, [index.name])[index.name]
    return found


def _with_folder(step: Step, options: Options, dataset: Dataset) -> Step:
    flag = FLAGS.get(step.name)
    folder = getattr(options, flag) if flag else None
    if step.name == NOISE and not folder:
        raise UsageError(
            "audio/noise_file needs recordings of noise",
            fix="--noise-dir FOLDER, or audio/pink_noise, which needs none",
        )
    if not folder:
        return step
    if step.name == FROST:
        found = _textures(folder)
        frost = parts.load("corruptions", FROST)
        return replace(step, corruption=frost.with_textures(len(found), found.__getitem__))
    clips = _clips(folder, dataset.shape(step.modality).rate)
    if step.name == REVERB:
        return replace(step, corruption=recorded_rooms(step.part), clips=clips)
    return replace(step, clips=clips)


def recorded_rooms(drawn: AnyCorruption) -> AnyCorruption:
    """Reverb by recorded impulse responses, at the direct-to-reverberant ratios of the drawn one.

    The recording's largest value is the direct sound; what comes after it is scaled to the ratio
    of the severity. How long the echo lasts is as recorded.
    """
    return replace(drawn, apply=_echoed, needs=("donors",), donors=1)


def _echoed(clean: Sound, severity: Any, words: Words, donors: tuple[Sound, ...]) -> Sound:
    del words  # which room it is was decided with the donors
    room = donors[0].astype(np.float64).mean(axis=1)
    tail = room[int(np.abs(room).argmax()) + 1 :]
    energy = float(np.sqrt(np.square(tail).sum()))
    if not clean.size or energy == 0:
        return clean.copy()
    tail = np.r_[0.0, tail * 10.0 ** (-severity.drr_db / 20.0) / energy]
    known = np.where(np.isfinite(clean), clean, 0.0).astype(np.float64)
    size = 1 << (len(clean) + tail.size).bit_length()
    spectrum = np.fft.rfft(known, size, axis=0) * np.fft.rfft(tail, size)[:, None]
    echo = np.fft.irfft(spectrum, size, axis=0)[: len(clean)]
    return (clean + echo).astype(clean.dtype)


def _textures(folder: str) -> tuple[NDArray[np.uint8], ...]:
    found = []
    for path in _files(folder):
        try:
            pixels = image.decode(path.read_bytes(), Shape())
        except Undecodable:
            continue  # a read-me beside the pictures; an empty folder is refused below
        if pixels is not None and pixels.dtype == np.uint8 and pixels.shape[2] >= 3:
            found.append(np.ascontiguousarray(pixels[:, :, :3]))
    return tuple(_some(found, folder, "pictures"))


def _clips(folder: str, rate: float) -> tuple[Sound, ...]:
    found = []
    for path in _files(folder):
        try:
            sound, own = audio.decode_with_rate({"bytes": path.read_bytes(), "path": path.name})
        except Undecodable:
            continue  # a read-me beside the recordings; an empty folder is refused below
        if sound is not None:
            found.append(np.ascontiguousarray(_at_rate(sound, own, round(rate))))
    return tuple(_some(found, folder, "recordings"))


def _at_rate(sound: Sound, own: int, rate: int) -> Sound:
    if own == rate:
        return sound
    from scipy.signal import resample_poly  # noqa: PLC0415  slow to import, and seldom needed

    return resample_poly(sound, rate, own, axis=0).astype(np.float32)


def _some(found: list[Any], folder: str, what: str) -> list[Any]:
    if not found:
        raise InputError(f"the folder holds no {what}", where=folder, fix="another folder")
    return found


def _files(folder: str | Path) -> list[Path]:
    root = Path(folder)
    if not root.is_dir():
        raise InputError("there is no such folder", where=str(folder), fix="check the path")
    return sorted(p for p in root.rglob("*") if p.is_file())
