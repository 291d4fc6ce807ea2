"""Stored: how a corrupted value is written, as close to the clean one as its form allows."""

import json
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmaudit.injection.write.orientation import orientation, turned
from mmaudit.kinds import audio, image
from mmaudit.samples.dataset import Dataset

MEDIA = pa.struct([("bytes", pa.large_binary()), ("path", pa.string())])
QUALITY = 95  # of JPEG files that are written again
LOSSLESS = 101  # WebP without loss
PCM_16 = 16


def array(kind: str, values: list[Any]) -> pa.Array:
    """Values of one modality, or the cells of media, as Arrow stores them; None is null.

    Args:
        kind: Any kind but ``table``, whose columns are written one by one.
        values: Arrays, texts, or cells of media.
    """
    if kind == "text":
        return pa.array(values, pa.string())
    if kind == "vector":
        return _lists(values, _flat([v for v in values if v is not None]))
    if kind == "series":
        steps = [v for v in values if v is not None]
        inner = pa.ListArray.from_arrays(
            _offsets([s.shape[1] for s in steps for _ in s]), _flat(steps)
        )
        return _lists(values, inner)
    return pa.array(values, MEDIA)


def _lists(values: list[Any], flat: pa.Array) -> pa.Array:
    lengths = [0 if v is None else len(v) for v in values]
    absent = pa.array([v is None for v in values], pa.bool_())
    return pa.ListArray.from_arrays(_offsets(lengths), flat, mask=absent)


def _offsets(lengths: list[int]) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int32))


def _flat(arrays: list[NDArray[np.float32]]) -> pa.Array:
    joined = np.concatenate([a.ravel() for a in arrays]) if arrays else np.empty(0, np.float32)
    return pa.array(joined, pa.float32())


def media(kind: str, value: Any, was: dict[str, Any], rate: float) -> dict[str, Any]:
    """A picture or a sound as a file of the form that it had, as far as that can hold it.

    JPEG stays JPEG (quality 95), WebP becomes lossless, every other picture becomes PNG; a turned
    picture asks to be turned as before. WAV
    stays WAV, of floats unless it was 16-bit; FLAC stays FLAC; other sounds become WAV.

    Args:
        kind: ``image`` or ``audio``.
        value: The corrupted value.
        was: The clean cell, ``bytes`` and ``path``.
        rate: Samples a second of a sound.
    """
    data = was["bytes"]
    if kind == "image":
        form = _picture_form(data, value.shape[2], value.dtype.itemsize)
        quality = LOSSLESS if form == "webp" else QUALITY
        told = turned(image.encode(value, form, quality), orientation(data))
        suffix = {"jpeg": (".jpg", ".jpeg"), "png": (".png",), "webp": (".webp",)}[form]
        return {"bytes": told, "path": _renamed(was.get("path"), suffix)}
    form = "flac" if data.startswith(b"fLaC") else "wav"
    exact = form == "wav" and not (data.startswith(b"RIFF") and _bits(data) == PCM_16)
    told = audio.encode(value, round(rate), form, exact=exact)
    return {"bytes": told, "path": _renamed(was.get("path"), (f".{form}",))}


def digest(kind: str, value: Any) -> str | None:
    """sha256 of a stored value; None where it is absent.

    Of a picture or a sound it is that of the file; of a text that of its UTF-8; of a vector or a
    series that of its shape and its float32 numbers; of a row of a table that of its JSON.
    """
    if value is None:
        return None
    if isinstance(value, dict):
        return sha256(value["bytes"]).hexdigest()
    if kind == "text":
        return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    if kind == "table":
        return sha256(json.dumps(value.tolist(), ensure_ascii=False).encode()).hexdigest()
    numbers = np.ascontiguousarray(value, "<f4")
    return sha256(repr(numbers.shape).encode() + numbers.tobytes()).hexdigest()


def sound_rate(dataset: Dataset, modality: str) -> float:
    """Samples a second of a modality of sounds; 0 for other kinds."""
    return dataset.usual(modality).rate if dataset.kinds[modality] == "audio" else 0.0


def _picture_form(data: bytes, channels: int, itemsize: int) -> str:
    if itemsize > 1:
        return "png"
    if data.startswith(image.JPEG) and channels in {1, 3}:
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and channels in {3, 4}:
        return "webp"
    return "png"


def _bits(data: bytes) -> int:
    at = data.find(b"fmt ", 12)
    return int.from_bytes(data[at + 22 : at + 24], "little") if at >= 0 else 0


def _renamed(path: str | None, suffixes: tuple[str, ...]) -> str | None:
    if not path or PurePosixPath(path).suffix.lower() in suffixes:
        return path
    return str(PurePosixPath(path).with_suffix(suffixes[0]))
