"""Infer a manifest by looking at the data, and say why each line is as it is."""

import os
import re
from collections.abc import Callable
from glob import has_magic
from pathlib import Path

import pyarrow as pa

from mmaudit.errors import InputError
from mmaudit.manifest import locate, remote
from mmaudit.manifest.looks import WORDS_OF_A_TEXT, Look, looks
from mmaudit.manifest.model import LIGHT, Manifest, Modality, Source, Target
from mmaudit.manifest.readers.base import CELL, Reader
from mmaudit.manifest.repeats import repeated
from mmaudit.manifest.splits import COLUMNS, SplitByFile

IDS = ("id", "sample_id", "example_id", "__key__", "key", "uid", "uuid", "image_id", "file_name")
TARGETS = (
    "label",
    "labels",
    "target",
    "class",
    "cls",
    "category",
    "y",
    "digit",
    "answer",
    "outcome",
)
GROUPS = (
    *("group", "patient_id", "patient", "subject_id", "subject", "speaker_id", "speaker"),
    *("user_id", "session_id", "session", "site"),
)
TEXTS = ("text", "txt", "caption", "captions", "sentence", "question", "title", "review", "note")
# what img2dataset writes beside its pictures: about the download, not about the sample
ASIDE = frozenset(
    {
        "url",
        "status",
        "error_message",
        "width",
        "height",
        "original_width",
        "original_height",
        "exif",
        "sha256",
        "md5",
        "phash",
        "json",
        "license",
        "punsafe",
        "pwatermark",
        "similarity",
        "__index_level_0__",
    }
)
MOST_CLASSES = 200
ALMOST_A_TEXT = 1.5  # words, where almost every row has another text
ENOUGH_IN_A_ROW = 3  # columns x_0, x_1, x_2 make one vector


class Inference:
    """Columns that are not yet taken, and what was found so far, with reasons."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.left = {look.name: look for look in looks(reader)}
        self.source: dict[str, str] = {}
        self.modalities: dict[str, Modality] = {}
        self.target: Target | None = None
        self.reasons: list[str] = []

    def run(self) -> None:
        """Find all roles, the surest first."""
        self._aside()
        self._id()
        self._named("split", COLUMNS, lambda look: look.distinct <= 20)
        self._target()
        self._named("group", GROUPS, lambda look: look.words <= 1 or look.numeric)
        self._media()
        self._lists()
        self._texts()
        self._numbered()
        self._table()
        self._shared_picture()
        if self.target is None:
            self.reasons.append("target: none by its name; if a column is one, write [target]")
        if self.left:
            self.reasons.append(f"not used: {', '.join(self.left)}")

    def _aside(self) -> None:
        for name in [n for n in self.left if n.lower() in ASIDE]:
            del self.left[name]

    def _id(self) -> None:
        for look in self._called(IDS):
            name = look.name
            if pa.types.is_floating(look.type) or not self._unique(name):
                continue
            self.source["id"] = name
            self.reasons.append(f"id: {name!r}, its values are all there and all different")
            if not look.media[0]:
                del self.left[name]
            return
        if odd := [look.name for look in self._called(IDS) if not look.media[0]]:
            self.reasons.append(f"id: not {odd[0]!r}, its values are not all there and different")

    def _called(self, names: tuple[str, ...]) -> list[Look]:
        """Columns that are left and called so, in the order of the names, in any letter case."""
        told = {look.name.strip().lower(): look for look in reversed(self.left.values())}
        return [told[name] for name in names if name in told]

    def _unique(self, name: str) -> bool:
        column = self.reader.column(name)
        if not pa.types.is_string(column.type) and not pa.types.is_integer(column.type):
            return False
        return column.null_count == 0 and repeated(column) is None

    def _named(self, role: str, names: tuple[str, ...], fits: Callable[[Look], bool]) -> None:
        for look in self._called(names):
            name = look.name
            if look.values and fits(look):
                self.source[role] = name
                made = role == "split" and isinstance(self.reader, SplitByFile)
                why = "the names of the files say it" if made else "by its name"
                self.reasons.append(f"{role}: {name!r}, {why}")
                del self.left[name]
                return

    def _target(self) -> None:
        named = [look for look in self.left.values() if look.feature.kind == "class"]
        named += [x for x in self._called(TARGETS) if x.name not in self.source.values()]
        for look in named:
            kind = _target_kind(look)
            if not kind:
                continue
            classes = list(look.feature.classes) or None
            self.target = Target.model_validate(
                {"column": look.name, "kind": kind, "classes": classes}
            )
            why = "the format names its classes" if classes else "by its name and its values"
            self.reasons.append(f"target: {look.name!r} is a {kind}, {why}")
            del self.left[look.name]
            return

    def _media(self) -> None:
        for kind in ("image", "audio"):
            found = [look for look in self.left.values() if look.media[0] == kind]
            if _one_archive_member(found):
                self._add(kind, kind, "|".join(f.name for f in found), found[0].media[1])
                continue
            for look in found:
                called = kind if len(found) == 1 else _stem(look.name)
                self._add(called, kind, look.name, look.media[1])

    def _lists(self) -> None:
        for look in list(self.left.values()):
            axes = {len(shape) for shape in look.shapes}
            if axes == {1} and len(set(look.shapes)) == 1:
                why = f"lists of {look.shape[0]} numbers"
                self._add(_stem(look.name), "vector", look.name, why)
            elif axes in ({1}, {2}):
                self._add(_stem(look.name), "series", look.name, "lists of different lengths")

    def _texts(self) -> None:
        found = [x for x in self.left.values() if _is_text(x)]
        for look in found:
            called = "text" if len(found) == 1 else look.name
            why = f"{look.words:.1f} words on average"
            if pa.types.is_list(look.type):
                why += '; the first of each list, many = "all" takes all as samples of their own'
            self._add(called, "text", look.name, why)

    def _numbered(self) -> None:
        families: dict[str, list[str]] = {}
        for look in self.left.values():
            found = re.fullmatch(r"(.*?)[_.-]?(\d+)", look.name)
            if found and look.numeric:
                families.setdefault(found[1] or "vector", []).append(look.name)
        for prefix, names in families.items():
            if len(names) >= ENOUGH_IN_A_ROW:
                modality = Modality(kind="vector", columns=names)
                self._take(prefix, modality, names, f"{len(names)} numbered columns of numbers")

    def _table(self) -> None:
        ids = {look.name for look in self._called(IDS)}  # they tell rows apart, not samples
        left = [x for x in self.left.values() if x.name not in ids]
        numbers = [x.name for x in left if x.numeric]
        categories = [x.name for x in left if not x.numeric and _is_category(x)]
        names = [n for n in self.left if n in {*numbers, *categories}]
        if names:
            modality = Modality(kind="table", columns=names, categorical=categories)
            why = f"{len(numbers)} columns of numbers and {len(categories)} of categories"
            self._take("table", modality, names, why)

    def _shared_picture(self) -> None:
        for modality in self.modalities.values():
            name = modality.column
            if "group" in self.source or modality.kind != "image" or name is None:
                continue
            field = self.reader.schema.field(name) if name in self.reader.schema.names else None
            if field is None or not pa.types.is_string(field.type):
                continue
            if repeated(self.reader.column(name).drop_null()) is not None:
                self.source["group"] = name
                self.reasons.append(f"group: {name!r}, several rows share a picture")

    def _add(self, called: str, kind: str, column: str, why: str) -> None:
        modality = Modality.model_validate({"kind": kind, "column": column})
        self._take(called, modality, column.split("|"), why)

    def _take(self, called: str, modality: Modality, names: list[str], why: str) -> None:
        while called in self.modalities or called in LIGHT:
            called += "_"
        self.modalities[called] = modality
        shown = ", ".join(map(repr, names[:3])) + (" …" if len(names) > 3 else "")
        self.reasons.append(f"{called}: {shown} is {modality.kind}, {why}")
        for name in names:
            self.left.pop(name, None)


def infer(path: str | Path) -> Manifest:
    """Infer a manifest from a data file, folder, pattern or URL; `Manifest.reasons` says why.

    Raises:
        InputError: There is nothing there, or no column looks like a modality.
    """
    given = str(path)
    far = remote.is_url(given)
    folder = Path.cwd() if far else _folder_of(given)
    relative = given if far else os.path.relpath(given, folder)
    reader = locate.opened(relative, folder).reader
    if not len(reader):
        raise InputError("there are no rows", where=given, fix="check that the data is there")
    found = Inference(reader)
    found.run()
    if not found.modalities:
        raise InputError(
            f"no column looks like a modality: {', '.join(reader.schema.names) or 'none'}",
            where=given,
            fix="write a dataset.toml that says which column is what, docs/manifest.md shows how",
        )
    told = {
        "name": _called(Path(remote.shown(given)) if far else Path(given).absolute()),
        "source": Source.model_validate({"path": relative, **found.source}),
        "modality": found.modalities,
        "target": found.target,
    }
    manifest = Manifest.model_validate(told)
    return manifest.placed(folder, reasons=tuple(found.reasons))


def _called(path: Path) -> str:
    plain = path.stem.strip("*_-")
    return path.parent.name if plain in {"", "metadata", "data"} else plain


def _folder_of(path: str) -> Path:
    folder = Path(path).absolute().parent
    while has_magic(str(folder)) or "{" in str(folder):
        folder = folder.parent
    return folder


def _target_kind(look: Look) -> str:
    if pa.types.is_list(look.type):
        return "multilabel"
    if look.shapes or look.media[0]:
        return ""
    if look.numeric and (not look.whole or look.distinct > MOST_CLASSES // 2):
        return "number"
    return "class" if look.distinct <= MOST_CLASSES and look.words <= WORDS_OF_A_TEXT else ""


def _is_text(look: Look) -> bool:
    if look.numeric or look.shapes:
        return False
    listed = pa.types.is_list(look.type) and pa.types.is_string(look.type.value_type)
    if look.words >= ALMOST_A_TEXT and look.distinct >= 0.8 * len(look.values):
        return True
    known = look.name.strip().lower() in TEXTS and look.words > 0
    return known or ((listed or not pa.types.is_list(look.type)) and look.words >= WORDS_OF_A_TEXT)


def _is_category(look: Look) -> bool:
    enough = len(look.values) >= 2 * look.distinct
    return pa.types.is_string(look.type) and bool(look.values) and enough


def _one_archive_member(found: list[Look]) -> bool:
    """Whether columns are extensions of one thing: ``jpg`` in some rows, ``png`` in others."""
    members = [x for x in found if x.type.equals(CELL) and "." not in x.name]
    return len(found) > 1 and len(members) == len(found)


def _stem(name: str) -> str:
    return name.removesuffix("_file_name").removesuffix(".npy") or name
