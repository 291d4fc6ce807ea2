"""Patterns: the files, or the folder, that a source's path stands for on this machine."""

from glob import glob, has_magic
from pathlib import Path

from mmaudit.errors import InputError
from mmaudit.files import require_ending
from mmaudit.manifest import braces


def matches(path: str, folder: Path) -> list[Path]:
    """One folder, or files in the order of their names; folders beside files are passed over.

    Args:
        path: A file, a folder, or a pattern with ``*``, ``?``, ``[…]`` and braces.
        folder: What it is relative to.

    Raises:
        InputError: There is nothing there, no end to it, or there are several folders.
    """
    paths: list[Path] = []
    for pattern in braces.expanded(path):
        literal = folder / pattern
        if has_magic(pattern) and not literal.exists():
            hits = glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207  may be absolute
            paths += [folder / hit for hit in sorted(hits)]
        else:
            paths.append(literal)
    missing = next((p for p in paths if not p.exists()), None)
    if missing or not paths:
        raise InputError(
            "there is no such file or folder",
            where=str(missing or folder / path),
            fix="check the path; it is relative to the manifest",
        )
    for each in paths:
        require_ending(each)
    return paths if len(paths) == 1 else _files(paths)


def _files(paths: list[Path]) -> list[Path]:
    files = [p for p in paths if not p.is_dir()]
    if not files:
        raise InputError(
            f"the path stands for {len(paths)} folders",
            where=str(paths[0]),
            fix="the folder that they are in, or files, as 'data/*/*.parquet'",
        )
    return files
