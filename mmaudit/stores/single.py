"""Single files in object stores, brought to this machine as they are there now."""

import re
from hashlib import file_digest
from pathlib import Path

from mmaudit.errors import InputError
from mmaudit.stores import cache
from mmaudit.stores.objects import Objects
from mmaudit.stores.urls import store_of

FILES = "files"  # in the cache
STORES = re.compile("(s3|s3a|gs|gcs|az)://")


def local(where: str) -> str:
    """The path of a file on this machine: one in a store is brought here, others are as they are.

    Raises:
        InputError: The store has no such file.
        MissingError: The store cannot be reached.
        UsageError: The address holds what is to be secret.
    """
    if not STORES.match(where):
        return where
    url = store_of(where) or where
    folder, _, name = url.rpartition("/")
    path = cache.place(FILES, url)
    objects = Objects(folder)
    try:
        stated = objects.stated(name)
        if not (path.is_file() and stated.md5 and _md5(path) == stated.md5):
            objects.get(name, path, stated.size)
    except FileNotFoundError as error:
        raise InputError(
            "there is no such file in the store", where=url, fix="check the address"
        ) from error
    return str(path)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "md5").hexdigest()
