"""Files: what is made is written, or compared with what lies there."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

TEXT = {".md", ".svg"}
TOLERANCE = 4.0  # mean difference of decoded pixels, of 255: codecs differ from build to build

Files = Mapping[str, str | bytes]


def write(folder: Path, files: Files) -> list[str]:
    """Write what differs and remove what is not made any more; the names of both."""
    stale = list(differences(folder, files))
    for name in stale:
        path = folder / name
        if name not in files:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        content = files[name]
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return stale


def differences(folder: Path, files: Files) -> Iterator[str]:
    """Names of files that are not as they would be made, are not there, or are not made."""
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    for name in sorted(there | set(files)):
        content = files.get(name)
        if content is None or name not in there or not _alike(folder / name, content):
            yield name


def _alike(path: Path, content: str | bytes) -> bool:
    """Whether a file is what would be made: texts exactly, pictures nearly."""
    if isinstance(content, str):
        return path.read_bytes() == content.encode()
    before, after = _pixels(path.read_bytes()), _pixels(content)
    return before.shape == after.shape and float(abs(before - after).mean()) <= TOLERANCE


def _pixels(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    with Image.open(BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"), np.float64)
