"""NumPy archives with the arrays that they had; a touched one keeps its name and its type."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from mmaudit.files import replacing
from mmaudit.injection.write.forms.arrays import ArrayChange, ArrayForm
from mmaudit.manifest.readers.npz import ENDING
from mmaudit.parsing import archives, npy


class OwnForm(ArrayForm):
    """NumPy archives: members that no step touches are copied byte for byte."""

    def copy(self, source: Path, home: Path, changes: Mapping[str, ArrayChange]) -> None:
        """Write an archive again, a member at a time."""
        packed = archives.packing(source)
        keys = {name.removesuffix(ENDING): name for name in archives.names(source)}
        keys |= {key: f"{key}{ENDING}" for key in changes if key not in keys}
        usual = next(iter(packed.values()))
        with replacing(home) as file, ZipFile(file, "w") as archive:
            for key, name in keys.items():
                data = archives.member(source, name) if name in packed else None
                if key in changes:
                    before = None if data is None else npy.from_bytes(data)
                    data = npy.to_bytes(_array(changes[key], before))
                member = ZipInfo(name)  # no time: the same bytes whoever writes it
                member.compress_type = packed.get(name, usual)
                with archive.open(member, "w", force_zip64=True) as out:
                    out.write(data or b"")


def _array(change: ArrayChange, before: NDArray[Any] | None) -> NDArray[Any]:
    """The rows of an array that are left, or what was made of them."""
    if change.rows is not None and before is not None:
        return before[change.rows]
    axes = () if before is None else before.shape[1:]
    like = change.dtype(None if before is None else before.dtype)
    out, at = np.empty((change.count, *axes), like), 0
    for values in change.values(like, axes):
        out[at : at + len(values)] = values
        at += len(values)
    return out
