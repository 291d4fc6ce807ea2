"""Names: what modalities of media are called in file names, and in columns beside others."""

import re
from collections.abc import Iterable, Sequence

from mmaudit.injection.write import cells
from mmaudit.injection.write.columns import slice_columns
from mmaudit.kinds.base import is_media
from mmaudit.samples.dataset import Dataset

UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
FILE = "file_name"


def plain_columns(dataset: Dataset) -> frozenset[str]:
    """The columns that a dataset is written with, but for those of media."""
    names = {"id", "label", "split", "group", *slice_columns(dataset).values()}
    for modality, kind in dataset.kinds.items():
        if not is_media(kind):
            names |= set(cells.columns(dataset, modality).values())
    return frozenset(names)


def file_columns(media: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """The column that names the files of each modality: ``file_name`` where there is one.

    Args:
        media: The modalities.
        taken: Other columns, whose names are not used again.
    """
    used, columns = set(taken), {}
    for modality in media:
        name = FILE if len(media) == 1 else f"{modality}_{FILE}"
        columns[modality] = _free(name, used)
        used.add(columns[modality])
    return columns


def stems(media: Sequence[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A name of each modality that any file may have, and that differs from all the others.

    Args:
        media: The modalities.
        taken: Names that no stem may be, whatever the case of their letters, nor with a suffix.
    """
    used = {name.partition(".")[0].casefold() for name in taken if "." in name}
    names = {}
    for modality in media:
        names[modality] = _free(safe(modality), used)
        used.add(names[modality].casefold())
    return names


def safe(name: str) -> str:
    """A name with letters that any file may have."""
    return UNSAFE.sub("_", name)


def _free(name: str, used: set[str]) -> str:
    """The name, with a number behind it where it is used."""
    free, number = name, 1
    while free.casefold() in used or free in used:
        number += 1
        free = f"{name}_{number}"
    return free
