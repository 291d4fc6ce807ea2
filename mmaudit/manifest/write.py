"""Write a manifest for data that has none."""

import os
from pathlib import Path

from mmaudit import files
from mmaudit.errors import InputError, UsageError
from mmaudit.manifest.infer import infer
from mmaudit.manifest.model import Manifest
from mmaudit.stores import urls

ROLES = ("id", "split", "group")  # keys of [source] that are guessed


def write(path: str | Path, out: str | Path, *, force: bool = False) -> Manifest:
    """Infer a manifest from data and write it.

    Args:
        path: Data file, folder, pattern or URL.
        out: The manifest to write; its paths are relative to its folder.
        force: Write over a file that is there.

    Returns:
        The manifest as written, with its reasons.

    Raises:
        UsageError: The file is there already.
        InputError: Nothing can be inferred, or the file cannot be written.
    """
    out = Path(out)
    if out.exists() and not force:
        raise UsageError("the file is there already", where=str(out), fix="--force, or another -o")
    manifest = _moved(infer(path), out)
    try:
        out.parent.stat()  # a misspelt folder is not made
        files.write_text(out, commented(manifest))
    except OSError as error:
        raise InputError(
            f"cannot write the manifest: {error.strerror}", where=str(out), fix="another -o"
        ) from error
    return manifest


def commented(manifest: Manifest) -> str:
    """The text of a manifest in which each reason is a comment above what it is a reason for."""
    above: dict[str, list[str]] = {}
    for reason in manifest.reasons:
        role = reason.partition(":")[0]
        called = f"[modality.{role}]" if role in manifest.modalities else f"{role} = "
        if role == "target":
            called = f"[{role}]"
        elif role not in {*manifest.modalities, *ROLES}:
            called = ""
        above.setdefault(called, []).append(f"# {_plain(reason)}")
    lines: list[str] = []
    for line in manifest.to_toml().splitlines():
        start = next((s for s in above if s and line.startswith(s)), None)
        lines += [*(above.pop(start) if start else []), line]
    rest = [line for some in above.values() for line in some]
    return "\n".join([*rest, *lines]) + "\n"


def _plain(text: str) -> str:
    """What a comment may hold: one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def _moved(manifest: Manifest, out: Path) -> Manifest:
    """The same manifest with paths relative to where it is written."""
    folder = out.absolute().parent
    if urls.is_url(manifest.source.path):
        return manifest.placed(folder, file=str(out), reasons=manifest.reasons)
    path = Path(os.path.relpath(manifest.folder / manifest.source.path, folder)).as_posix()
    source = manifest.source.model_copy(update={"path": path})
    moved = manifest.model_copy(update={"source": source})
    return moved.placed(folder, file=str(out), reasons=manifest.reasons)
