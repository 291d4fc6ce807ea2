"""The manifest and the tables of a corrupted dataset, whatever the form of its data."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmaudit.engines.base import PLAN
from mmaudit.errors import UsageError
from mmaudit.injection.write import cells
from mmaudit.injection.write.columns import slice_columns
from mmaudit.kinds.base import load_kind
from mmaudit.manifest.model import Manifest, Modality, Source, Target
from mmaudit.samples.dataset import Dataset

if TYPE_CHECKING:
    from mmaudit.injection.write.form import Form, WrittenFile
    from mmaudit.injection.write.layout import CopyLayout

DATA, PARTS = "data", ".parts"
MANIFEST = "dataset.toml"


def require_outside(dataset: Dataset, out: Path) -> None:
    """Refuse a folder that the dataset itself is read from: it would be read as part of it.

    Raises:
        UsageError: The folder lies in one of which every file is read.
    """
    original = dataset.manifest
    if "://" in original.source.path:
        return
    read = (original.folder / original.source.path.partition("**")[0]).resolve()
    whole = "**" in original.source.path or read.is_dir()
    if whole and out.resolve().is_relative_to(read):
        raise UsageError(
            "the folder to write lies in the one that is read, and would become a part of it",
            where=str(out),
            fix=f"an OUT outside of {read}",
        )


def manifest(dataset: Dataset, path: str, form: str, columns: dict[str, str]) -> Manifest:
    """The manifest of what is written: every modality in a column of its own.

    Args:
        dataset: The clean dataset.
        path: Where the data is, relative to the manifest.
        form: Name of the reader.
        columns: Column of each modality whose column is not its name.
    """
    original = dataset.manifest
    source = Source(
        path=path,
        format=form,
        id="id",
        split="split" if original.source.split else None,
        group="group" if original.source.group else None,
        slices=list(slice_columns(dataset).values()),
        max_pixels=original.source.max_pixels,
        max_bytes=original.source.max_bytes,
    )
    modalities = {m: _modality(dataset, m, columns.get(m, m)) for m in dataset.modalities}
    target = None
    if original.target:
        named = list(dataset.classes) if dataset.classes else None
        target = Target(column="label", kind=original.target.kind, classes=named)
    return Manifest(name=original.name, source=source, modality=modalities, target=target)


def copied(layout: "CopyLayout", form: "Form", written: "WrittenFile") -> Manifest:
    """The manifest of a copy: that of the source, with what is elsewhere now.

    Args:
        layout: The columns.
        form: How the copy is written.
        written: What is known when it is.
    """
    columns = written.columns
    original, dataset = layout.dataset.manifest, layout.dataset
    source, roles = original.source, layout.roles
    moved = {
        "path": form.path,
        "format": form.reader,
        "root": None,
        "id": columns.get(layout.id, layout.id),
        "split": roles.get(source.split or ""),
        "group": columns.get(roles.get(source.group or "", ""), roles.get(source.group or "")),
        "slices": [columns.get(roles[name], roles[name]) for name in source.slices],
    }
    target = original.target
    if target is not None:
        named = list(dataset.classes) if dataset.classes else None
        target = target.model_copy(update={"column": roles[target.column], "classes": named})
    return original.model_copy(
        update={
            "source": source.model_copy(update=moved),
            "modalities": {m: _copied(layout, m, written) for m in dataset.modalities},
            "target": target,
        }
    )


def _copied(layout: "CopyLayout", modality: str, written: "WrittenFile") -> Modality:
    entry, homes = layout.dataset.manifest.modalities[modality], layout.homes[modality]
    whole = _modality(layout.dataset, modality, "")
    update: dict[str, Any] = {"shape": whole.shape, "sample_rate": whole.sample_rate}
    if entry.columns:
        update["columns"] = [homes[c] for c in entry.columns]
        update["categorical"] = [homes[c] for c in entry.categorical]
    else:
        names = "|".join(written.columns.get(home, home) for home in homes.values())
        update["column"] = "|".join(dict.fromkeys(names.split("|")))
    if modality in layout.touched:
        update["mask"] = written.masks.get(modality)  # elsewhere what is absent is null
    if entry.many == "all" or modality in layout.values:
        update["many"] = "first"
    return entry.model_copy(update=update)


def _modality(dataset: Dataset, modality: str, column: str) -> Modality:
    original = dataset.manifest.modalities[modality]
    kind = load_kind(original.kind)
    if kind.columns == "several":
        names = cells.columns(dataset, modality)
        return Modality(
            kind=original.kind,
            columns=list(names.values()),
            categorical=[names[c] for c in original.categorical],
        )
    whole = kind.length is not None and kind.axes == 1  # what is common is the shape
    sizes = list(dataset.shape(modality).sizes) if whole else list(original.shape)
    rate = cells.sound_rate(dataset, modality) or original.sample_rate
    return Modality(kind=original.kind, column=column, shape=sizes, sample_rate=rate)


def clean(folder: Path) -> None:
    """Remove a folder of parts that are joined, its plan last: who is killed here is resumed."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != PLAN:
            path.unlink()
    (folder / PLAN).unlink(missing_ok=True)
    folder.rmdir()
