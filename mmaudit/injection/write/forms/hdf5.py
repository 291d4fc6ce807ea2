"""HDF5 with the groups, attributes and datasets that it had, stored as they were."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmaudit.errors import UsageError
from mmaudit.files import replacing
from mmaudit.injection.write.forms.arrays import FIX, ArrayChange, ArrayForm

ROWS = 1024  # of a dataset that are copied at a time


class OwnForm(ArrayForm):
    """HDF5 files: datasets that no step touches are copied as they are stored."""

    def require(self) -> None:
        """Refuse what cannot be written, as datasets that point to others, before it is made."""
        super().require()
        import h5py  # noqa: PLC0415  an extra, which opened the source

        for path in self.sources:
            with h5py.File(path, "r", locking=False) as file:
                pointing = next(_references(file), None)
            if pointing is not None:
                raise UsageError(
                    f"{pointing!r} points to other datasets, which a copy cannot",
                    where=str(path),
                    fix=FIX,
                )

    def copy(self, source: Path, home: Path, changes: Mapping[str, ArrayChange]) -> None:
        """Write a file again, some rows at a time."""
        import h5py  # noqa: PLC0415  an extra, which opened the source

        with (
            h5py.File(source, "r", locking=False) as old,
            replacing(home) as file,
            h5py.File(file.name, "w", locking=False, track_order=_ordered(old)) as new,
        ):
            _group(old, new, changes, "")
            for name in (n for n in changes if n not in old):
                _write(new, name, changes[name], None)


def _group(old: Any, new: Any, changes: Mapping[str, ArrayChange], prefix: str) -> None:
    """Copy what a group holds, with what is to be otherwise."""
    _attributes(old, new)
    for name, each in old.items():
        path = f"{prefix}{name}"
        if path in changes:
            _write(new, name, changes[path], each)
        elif hasattr(each, "items"):
            _group(each, new.create_group(name, track_order=_ordered(each)), changes, f"{path}/")
        else:
            old.copy(each, new, name)


def _write(group: Any, name: str, change: ArrayChange, before: Any) -> None:
    """Write a dataset, stored as the one before was."""
    axes = () if before is None else before.shape[1:]
    like, how = _type(change, before), {} if before is None else _storage(before, change.count)
    shape = (change.count, *axes)
    dataset = group.create_dataset(name, shape, like, **how)
    at = 0
    for values in _values(change, like, axes, before):
        dataset[at : at + len(values)] = values
        at += len(values)
    if before is not None:
        _attributes(before, dataset)


def _type(change: ArrayChange, before: Any) -> Any:
    import h5py  # noqa: PLC0415  an extra

    like = change.dtype(None if before is None else before.dtype)
    return h5py.string_dtype() if like.kind == "U" else like


def _values(
    change: ArrayChange, like: np.dtype[Any], axes: tuple[int, ...], before: Any
) -> Iterator[Any]:
    if change.rows is None:
        yield from change.values(like, axes)
        return
    for start in range(0, change.rows.size, ROWS):
        yield before[change.rows[start : start + ROWS]]


def _storage(before: Any, count: int) -> dict[str, Any]:
    """How a dataset is cut and packed."""
    if before.chunks is None or not count:
        return {}
    chunks = tuple(
        min(c, n) for c, n in zip(before.chunks, (count, *before.shape[1:]), strict=True)
    )
    return {
        "chunks": chunks,
        "maxshape": before.maxshape,
        "compression": before.compression,
        "compression_opts": before.compression_opts,
        "shuffle": before.shuffle,
        "fletcher32": before.fletcher32,
    }


def _attributes(old: Any, new: Any) -> None:
    for name in old.attrs:
        how = old.attrs.get_id(name)
        new.attrs.create(name, old.attrs[name], how.shape, how.dtype)


def _ordered(group: Any) -> bool:
    """Whether a group knows in which order things came into it."""
    own = group[group.name]  # of a file its first group, which knows
    return bool(own.id.get_create_plist().get_link_creation_order())


def _references(group: Any) -> Iterator[str]:
    """Names of what has attributes, or holds values, that point to other datasets."""
    for name, each in [(group.name, group), *((each.name, each) for each in group.values())]:
        types = [each.attrs.get_id(key).dtype for key in each.attrs]
        types += [each.dtype] if hasattr(each, "dtype") else []
        if any(map(_points, types)):
            yield name
    for each in group.values():
        if hasattr(each, "items"):
            yield from _references(each)


def _points(kind: np.dtype[Any]) -> bool:
    import h5py  # noqa: PLC0415  an extra

    inner = h5py.check_vlen_dtype(kind)
    if inner is not None and inner is not str:
        return _points(np.dtype(inner))
    if kind.fields:
        return any(_points(field[0]) for field in kind.fields.values())
    return h5py.check_ref_dtype(kind) is not None
