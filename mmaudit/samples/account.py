"""Account: what of a source is in a dataset and what is not, a line a split and a line a reason."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import compute

from mmaudit.errors import MMAuditError
from mmaudit.formats import many
from mmaudit.kinds.base import is_media, load_kind
from mmaudit.manifest import walk
from mmaudit.manifest.locate import MANIFEST
from mmaudit.manifest.media import kind_of
from mmaudit.manifest.model import Manifest
from mmaudit.manifest.readers.base import Aside
from mmaudit.manifest.splits import Counted, split_of
from mmaudit.parsing.cells import reading
from mmaudit.samples import dataset as datasets
from mmaudit.samples.dataset import Dataset
from mmaudit.samples.media import names_files
from mmaudit.samples.source import Opened

LOOKED_AT = 64 * 2**20  # bytes of the files of a modality that are looked into
STEP = 32  # files that are looked into at a time
SHOWN = 6  # columns that are named
NO_SPLIT = "no split"
UNNAMED = "{} that no row names"
OTHER = "file of no use"
HIDDEN = "hidden file or folder"
LINKS = "link to a folder, which is not followed"
EMPTY = "data file without rows"
ASKED = "row that was not asked for"
SEVERAL = {
    HIDDEN: "hidden files or folders",
    LINKS: "links to folders, which are not followed",
    EMPTY: "data files without rows",
    ASKED: "rows that were not asked for",
}
TIDY = r"(^|/)\.{1,2}/|^/|//|\\"  # names that are not as a folder lists them


def account(dataset: Dataset, training: str | None = None) -> tuple[str, ...]:
    """What was opened: for each split its files, rows, rows in use and what is set aside.

    What single files hold that is in no value says `beyond`.

    Args:
        dataset: The selected samples of a source.
        training: The split whose rows are trained on beside these; None for none.
    """
    source = dataset.source
    strays = list(_strays(source))
    splits = {split for split, _ in strays if split in dataset.splits}
    by_split = {s: [a for t, a in strays if t == s] for s in splits}
    lines = list(_splits(dataset, by_split, training))
    rest = [*(a for split, a in strays if split not in splits), *source.aside, *_empty(source)]
    lines += [f"set aside: {_shown(aside)}" for aside in rest]
    lines += [f"set aside: {line}" for line in _columns(source)]
    return tuple(lines)


def beyond(dataset: Dataset) -> Iterator[str]:
    """What the files of each modality hold that is not in their values: of all, or of the first."""
    ids = dataset.column("id")
    for name, kind_name in dataset.kinds.items():
        kind = load_kind(kind_name)
        if kind.beyond is None:
            continue
        tally, files, size, rows = Tally(), 0, 0, 0
        while rows < len(dataset) and size < LOOKED_AT:
            some = range(rows, min(rows + STEP, len(dataset)))
            for of_cell, id_ in zip(dataset.cells(name, some), ids[rows:], strict=False):
                cell = of_cell.as_py() or {}  # one after the other: files may be large
                if data := cell.get("bytes"):
                    with reading(cell, id_.as_py()):
                        tally.add(kind.beyond(data, dataset.shape(name)))
                    files, size = files + 1, size + len(data)
            rows += STEP
        pa.default_memory_pool().release_unused()
        of = many(files, "file") if rows >= len(dataset) else f"the first {many(files, 'file')}"
        for what, (having, count) in tally.counts.items():
            yield f"{name}: {what}: {count} in {having} of {of}"


def opening(manifest: Manifest) -> tuple[str, ...]:
    """What opening a dataset gives, or why it cannot be opened as its manifest stands."""
    try:
        dataset = datasets.open(manifest)
        return (*account(dataset), *beyond(dataset))
    except MMAuditError as error:
        return (f"cannot be opened as it is written: {error.what}; {error.fix}",)


class Tally:
    """Counts by what is counted: of how many files, and how much in all."""

    def __init__(self) -> None:
        self.counts: dict[str, tuple[int, int]] = {}

    def add(self, counts: dict[str, int]) -> None:
        """Count what one file has."""
        for what, count in counts.items():
            files, before = self.counts.get(what, (0, 0))
            self.counts[what] = files + 1, before + count


def _splits(
    dataset: Dataset, strays: dict[str, list[Aside]], training: str | None
) -> Iterator[str]:
    """A line for each split."""
    source = dataset.source
    names = compute.fill_null(source.columns.column("split"), NO_SPLIT).combine_chunks()
    codes = names.dictionary_encode()
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.combine_chunks()
    splits, of = codes.dictionary.to_pylist(), codes.indices.to_numpy().astype(np.int64)
    rows = np.bincount(of, minlength=len(splits))
    used = np.bincount(of[dataset.rows], minlength=len(splits))
    starts = source.reader.file_starts() if isinstance(source.reader, Counted) else np.zeros(1)
    files = np.searchsorted(starts, np.arange(of.size), side="right")
    there = Counter((np.unique(of * (len(starts) + 1) + files) // (len(starts) + 1)).tolist())
    for i in sorted(range(len(splits)), key=splits.__getitem__):
        title = splits[i] if splits[i] == NO_SPLIT else f"split {splits[i]}"
        title = title if dataset.manifest.source.split else source.basename
        left_out = int(rows[i] - used[i])
        trains = left_out > 0 and splits[i] == training
        aside = [many(left_out, ASKED, SEVERAL[ASKED])] if left_out and not trains else []
        aside += map(_shown, strays.get(splits[i], []))
        use = f"{left_out} to train on" if trains else f"{used[i]} used"
        counts = f"{many(there[i], 'file')}, {many(int(rows[i]), 'row')}, {use}"
        yield f"{title}: {counts}{', set aside: ' if aside else ''}{'; '.join(aside)}"


def _empty(source: Opened) -> Iterator[Aside]:
    """Data files in which there are no rows."""
    if isinstance(source.reader, Counted):
        sizes = np.diff([*source.reader.file_starts(), len(source)])
        empty = [file.name for file, rows in zip(source.files, sizes, strict=False) if not rows]
        if empty:
            yield Aside(EMPTY, len(empty), empty[0])


def _strays(source: Opened) -> Iterator[tuple[str, Aside]]:
    """Files in the source's folders that are neither data nor named in it, with their split."""
    named = _named(source)
    folder = source.manifest.folder / source.manifest.source.path
    whole = folder.is_dir()
    root = folder if whole else source.root
    if root is None or (named is None and not whole):
        return
    if whole and source.root not in {None, root} and named is not None:
        way = os.path.relpath(str(source.root or root), str(root))
        named = pa.array([os.path.normpath(f"{way}/{n}") for n in named.to_pylist()], pa.string())
    ours = {os.path.relpath(p.absolute(), root.absolute()) for p in source.files} | {MANIFEST}
    counts: dict[tuple[str, str], list[str]] = {}
    for name, what in _listed(root, [""] if whole else _homes(named), whole=whole):
        if name not in ours and (whole or what not in {HIDDEN, LINKS, OTHER}):
            counts.setdefault((split_of(name.split("/")[:-1]), what), []).append(name)
    for (split, what), names in sorted(counts.items()):
        lost = pa.array(names, pa.string())
        lost = lost if named is None else lost.filter(compute.invert(compute.is_in(lost, named)))
        if len(lost):
            yield split, Aside(what, len(lost), compute.min(lost).as_py())


def _named(source: Opened) -> pa.Array | None:
    """The files that rows name, as a folder lists them; None where no column names files."""
    columns = [
        compute.unique(_paths(source.reader.column(column)))
        for modality in source.manifest.modalities.values()
        for column in (source.names(modality) if is_media(modality.kind) else ())
        if names_files(source.reader.schema.field(column).type)
    ]
    if not columns:
        return None
    every = compute.unique(pa.chunked_array([c.cast(pa.string()) for c in columns])).drop_null()
    odd = compute.match_substring_regex(every, TIDY)
    if not compute.any(odd).as_py():
        return every
    root = str(source.root)
    tidy = [os.path.normpath(n.replace("\\", "/")) for n in every.to_pylist()]
    return pa.array([os.path.relpath(n, root) if n.startswith("/") else n for n in tidy])


def _paths(column: pa.ChunkedArray) -> pa.Array:
    nested = pa.types.is_struct(column.type)
    return (compute.struct_field(column, "path") if nested else column).combine_chunks()


def _homes(named: pa.Array | None) -> list[str]:
    """The folders that rows name files in."""
    folders = compute.unique(compute.replace_substring_regex(named, r"(^|/)[^/]*$", ""))
    return sorted(f for f in folders.to_pylist() if not f.startswith(("..", "/")))


def _listed(root: Path, homes: Sequence[str], *, whole: bool) -> Iterator[tuple[str, str]]:
    """Files in folders and what they are."""
    for home in homes:
        if not os.path.isdir(root / home):  # noqa: PTH112  no folder, nor a name that one can have
            continue
        for top, folders, names in walk.folders(root / home):
            place = os.path.relpath(top, root).replace(os.sep, "/")
            for name in [*names, *folders]:
                what = _what(os.path.join(top, name))  # noqa: PTH118  one of very many
                if what:
                    yield (name if place == "." else f"{place}/{name}"), what
            folders[:] = [f for f in folders if whole and not f.startswith(".")]


def _what(path: str) -> str:
    """What a file is that no row names; empty for a folder that is looked into."""
    if os.path.basename(path).startswith("."):  # noqa: PTH119
        return HIDDEN
    if os.path.isdir(path):  # noqa: PTH112
        return LINKS if os.path.islink(path) else ""  # noqa: PTH114
    kind = kind_of(path)
    return UNNAMED.format(load_kind(kind).noun) if kind else OTHER


def _columns(source: Opened) -> Iterator[str]:
    """The columns that the manifest does not name."""
    manifest = source.manifest
    used = {*source.column_names, *source.status}
    used |= {c for m in manifest.modalities.values() for c in source.names(m)}
    unused = [c for c in source.reader.schema.names if c not in used and not c.startswith("#")]
    if unused:
        more = f" … ({len(unused) - SHOWN} more)" if len(unused) > SHOWN else ""
        yield f"{many(len(unused), 'column')} of no modality: {', '.join(unused[:SHOWN])}{more}"


def _shown(aside: Aside) -> str:
    counted = many(aside.count, aside.what, SEVERAL.get(aside.what, ""))
    return f"{counted} ({aside.first}{' …' if aside.count > 1 else ''})"
