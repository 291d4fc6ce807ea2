"""Convert: corrupted samples from Parquet parts to a folder of files, or to tar archives."""

import json
import re
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from mmaudit.injection.output import tables
from mmaudit.manifest.model import MEDIA
from mmaudit.samples.dataset import Dataset

METADATA = "metadata.jsonl"
UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"fLaC": ".flac", b"OggS": ".ogg"}


def to_folder(files: list[Path], folder: Path, dataset: Dataset) -> dict[str, str]:
    """Write every picture and sound as a file, and the rest as ``metadata.jsonl``.

    Args:
        files: The Parquet parts, in order.
        folder: Folder to write; whatever an interrupted run left there is written over.
        dataset: The dataset that they are of.

    Returns:
        The column of each modality of media: ``file_name`` where there is one.
    """
    media = _media(dataset)
    columns = {m: "file_name" if len(media) == 1 else f"{m}_file_name" for m in media}
    folder.mkdir(parents=True, exist_ok=True)
    for modality in media:
        (folder / modality).mkdir(exist_ok=True)
    partial = folder / f".{METADATA}"
    with partial.open("w", encoding="utf-8") as lines:
        for row, record in _records(files):
            told = _light(record, media)
            for modality in media:
                cell = record[modality]
                told[columns[modality]] = None if cell is None else _named(modality, row, record)
                if cell is not None:
                    _write(folder / str(told[columns[modality]]), cell["bytes"])
            lines.write(json.dumps(told, ensure_ascii=False) + "\n")
    partial.replace(folder / METADATA)
    return columns


def to_archives(files: list[Path], folder: Path, dataset: Dataset) -> dict[str, str]:
    """Write one tar archive for each part, in the form of WebDataset.

    Returns:
        The columns of each modality of media: its extensions, as ``camera.jpg|camera.png``.
    """
    media = _media(dataset)
    seen: dict[str, set[str]] = {m: set() for m in media}
    folder.mkdir(parents=True, exist_ok=True)
    row = 0
    for path in files:
        partial = folder / f".{path.stem}.tar"
        with tarfile.open(partial, "w", format=tarfile.PAX_FORMAT) as archive:
            for _, record in _records([path]):
                row = _add_sample(archive, row, record, media, seen)
        partial.replace(folder / f"{path.stem}.tar")
    return {m: "|".join(sorted(found)) or f"{m}.bin" for m, found in seen.items()}


def _add_sample(
    archive: tarfile.TarFile,
    row: int,
    record: dict[str, Any],
    media: list[str],
    seen: dict[str, set[str]],
) -> int:
    key = f"{row:09d}"
    told = {k: v for k, v in _light(record, media).items() if v is not None}
    _add(archive, f"{key}.json", json.dumps(told, ensure_ascii=False).encode())
    for modality in media:
        cell = record[modality]
        if cell is not None:
            extension = f"{_safe(modality)}{_suffix(cell)}"
            seen[modality].add(extension)
            _add(archive, f"{key}.{extension}", cell["bytes"])
    return row + 1


def _media(dataset: Dataset) -> list[str]:
    return [m for m, kind in dataset.kinds.items() if kind in MEDIA]


def _records(files: list[Path]) -> Iterator[tuple[int, dict[str, Any]]]:
    row = 0
    for table in tables(files):
        for batch in table.to_batches(max_chunksize=64):
            for record in batch.to_pylist():
                yield row, record
                row += 1


def _light(record: dict[str, Any], media: list[str]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in media}


def _named(modality: str, row: int, record: dict[str, Any]) -> str:
    """A file name that no other sample has, and that says whose it is."""
    return f"{modality}/{row:07d}_{_safe(record['id'])[:80]}{_suffix(record[modality])}"


def _safe(name: str) -> str:
    return UNSAFE.sub("_", name)


def _suffix(cell: dict[str, Any]) -> str:
    told = PurePosixPath(cell["path"] or "").suffix.lower()
    if re.fullmatch(r"\.[a-z0-9]{1,5}", told):
        return told
    data: bytes = cell["bytes"]
    if data[:4] == b"RIFF":
        return ".wav" if data[8:12] == b"WAVE" else ".webp"
    return next((s for magic, s in SUFFIXES.items() if data.startswith(magic)), ".bin")


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}")
    partial.write_bytes(data)
    partial.replace(path)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # no time, no owner: the same bytes whoever writes it
    member.size = len(data)
    archive.addfile(member, BytesIO(data))
