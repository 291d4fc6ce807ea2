"""URLs: what is an address on a network, what of it may be said, and where runs are kept."""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from mmaudit.errors import UsageError

KEEPING = frozenset({"s3", "gs", "az"})  # where runs and copies may be kept
READING = KEEPING | {"hf"}
OTHER_NAMES = {"s3a": "s3", "gcs": "gs", "abfs": "az"}
FLATTENED = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+")  # as `Path` leaves a URL


def is_url(text: str | Path) -> bool:
    """Whether a path is a URL."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", str(text)))


def shown(url: str) -> str:
    """A URL without what may be secret: user, password, signature."""
    split = urlsplit(url)
    host = split.netloc.rpartition("@")[2]
    return urlunsplit((split.scheme, host, split.path, "", ""))


def name(url: str) -> str:
    """The file name at the end of a URL."""
    return PurePosixPath(unquote(urlsplit(url).path) or urlsplit(url).netloc).name


def store_of(place: str | Path) -> str | None:
    """The URL of a folder in an object store; None for a folder of this machine.

    A `Path` of a URL has lost a slash, and is taken for what it was.

    Example:
        >>> store_of(Path("s3://bucket/run/")), store_of("runs/s3")
        ('s3://bucket/run', None)

    Raises:
        UsageError: It names no folder in a store, or holds what is to be secret.
    """
    text = str(place)
    scheme = FLATTENED.match(text)
    if scheme is None:
        return None
    if OTHER_NAMES.get(scheme[1], scheme[1]) not in READING:
        raise UsageError(
            f"no run is at {scheme[1]}://",
            where=shown(f"{scheme[1]}://{text[scheme.end() :]}"),
            fix="a folder, or s3://BUCKET/FOLDER, gs://…, az://…",
        )
    rest = text[scheme.end() :].strip("/")
    bucket, _, folder = rest.partition("/")
    if "@" in bucket or "?" in rest or "#" in rest:
        raise UsageError(
            "the address of a store holds a user, a password or a question",
            where=shown(f"{scheme[1]}://{rest}"),
            fix="the address alone; credentials are taken from the environment",
        )
    if not bucket or not folder or {".", "..", ""} & set(folder.split("/")):
        raise UsageError(
            "this is no folder in a store", where=text, fix=f"{scheme[1]}://BUCKET/FOLDER"
        )
    return f"{OTHER_NAMES.get(scheme[1], scheme[1])}://{rest}"
