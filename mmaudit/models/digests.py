"""Digests of model files, and the pin that a file must match before it is opened."""

from hashlib import sha256
from pathlib import Path

from mmaudit import files
from mmaudit.errors import InputError, MissingError, UsageError


def digest(path: Path) -> str:
    """sha256 of a file, or of the names and digests of the Parquet files in a folder, as hex.

    Raises:
        MissingError: There is no such file.
    """
    if path.is_dir():
        tables = sorted(path.glob("*.parquet"))
        return sha256("".join(f"{t.name} {digest(t)}\n" for t in tables).encode()).hexdigest()
    return files.digest(path, what="model file", refusal=MissingError)


def verify(actual: str, pin: str, where: str) -> None:
    """Refuse a file whose digest is not the one that was pinned.

    Raises:
        UsageError: The pin is not a sha256 in hexadecimal.
        InputError: The file is another one.
    """
    wanted = pin.lower().removeprefix("sha256:")
    if len(wanted) != 64 or not set(wanted) <= set("0123456789abcdef"):
        raise UsageError(f"{pin!r} is not a sha256", fix="64 hexadecimal digits")
    if actual != wanted:
        raise InputError(
            f"the model file is not the one that was pinned: its sha256 is {actual}",
            where=where,
            fix=f"find the file with sha256 {wanted}, or pin this one if you know where it is from",
        )
