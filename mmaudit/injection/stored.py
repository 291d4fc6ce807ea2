"""Stored: how a corrupted value is written, as close to the clean one as its form allows."""

import json
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from mmaudit.samples import audio, image
from mmaudit.samples.dataset import Dataset

MEDIA = pa.struct([("bytes", pa.large_binary()), ("path", pa.string())])
QUALITY = 95  # of JPEG files that are written again
LOSSLESS = 101  # WebP without loss
PCM_16 = 16


def column_type(kind: str) -> pa.DataType:
    """Arrow type in which the values of a kind are stored; rows of tables are JSON lists here."""
    types = {
        "text": pa.string(),
        "vector": pa.list_(pa.float32()),
        "series": pa.list_(pa.list_(pa.float32())),
        "table": pa.string(),
    }
    return types.get(kind, MEDIA)


def plain(kind: str, value: Any) -> Any:
    """A value that is not media as Arrow takes it."""
    if value is None or kind == "text":
        return value
    if kind == "table":
        return json.dumps(value.tolist(), ensure_ascii=False, allow_nan=False)
    return value.tolist()


def media(kind: str, value: Any, was: dict[str, Any], rate: float) -> dict[str, Any]:
    """A picture or a sound as a file of the form that it had, as far as that can hold it.

    JPEG stays JPEG (quality 95), WebP becomes lossless, every other picture becomes PNG. WAV
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
        told = image.encode(value, form, quality)
        suffix = {"jpeg": (".jpg", ".jpeg"), "png": (".png",), "webp": (".webp",)}[form]
        return {"bytes": told, "path": _renamed(was.get("path"), suffix)}
    form = "flac" if data.startswith(b"fLaC") else "wav"
    exact = form == "wav" and not (data.startswith(b"RIFF") and _bits(data) == PCM_16)
    told = audio.encode(value, round(rate), form, exact=exact)
    return {"bytes": told, "path": _renamed(was.get("path"), (f".{form}",))}


def digest(kind: str, cell: Any) -> str | None:
    """sha256 of a stored value: of the file's bytes, or of the value as JSON; None if absent."""
    if cell is None:
        return None
    if isinstance(cell, dict):
        return sha256(cell["bytes"]).hexdigest()
    text = cell if kind in {"text", "table"} else json.dumps(cell)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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
