"""Infer a manifest by looking at the data, and say why each line is as it is."""

import os
from collections.abc import Callable
from glob import has_magic
from pathlib import Path

import pyarrow as pa
from pyarrow import compute

from mmaudit.errors import InputError
from mmaudit.kinds import image, text
from mmaudit.kinds.base import Claim, kind_names, load_kind
from mmaudit.manifest import locate
from mmaudit.manifest.columns import ObservedColumn, columns, file_name
from mmaudit.manifest.model import RESERVED, Manifest, Modality, Source, Target
from mmaudit.manifest.readers.base import Reader
from mmaudit.manifest.repeats import repeated
from mmaudit.manifest.splits import COLUMNS, SPLIT, ByFile
from mmaudit.stores import urls

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
# what img2dataset and COCO write beside pictures: about the download, not about the sample
ASIDE = frozenset(
    {
        "url",
        "coco_url",
        "flickr_url",
        "date_captured",
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
LABELS = frozenset({"label", "labels", "class", "cls", "category", "digit"})  # never amounts
MOST_CLASSES = 200
ROWS_A_CLASS = 2  # on average, from which many values are classes


class Inference:
    """Columns that are not yet taken, and what they are so far, with reasons."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.columns = {column.name: column for column in columns(reader)}
        self._every = dict(self.columns)
        self.source: dict[str, str] = {}
        self.modalities: dict[str, Modality] = {}
        self.target: Target | None = None
        self.reasons: list[str] = []

    def run(self) -> None:
        """Find all roles, the surest first."""
        self._aside()
        self._id()
        self._named("split", COLUMNS, lambda column: column.distinct <= 20)
        self._target()
        self._named("group", GROUPS, lambda column: column.words <= 1 or column.numeric)
        self._claimed()
        self._shared_picture()
        self._absolute_names()
        if self.target is None:
            self.reasons.append("target: none by its name; if a column is one, write [target]")
        if self.columns:
            self.reasons.append(f"not used: {', '.join(self.columns)}")

    def _aside(self) -> None:
        for name in [n for n in self.columns if n.lower() in ASIDE]:
            del self.columns[name]

    def _id(self) -> None:
        for column in self._called(IDS):
            name = column.name
            if pa.types.is_floating(column.type) or not self._unique(name):
                continue
            self.source["id"] = name
            self.reasons.append(f"id: {name!r}, its values are all there and all different")
            if not column.media[0]:
                del self.columns[name]
            return
        if odd := [column.name for column in self._called(IDS) if not column.media[0]]:
            self.reasons.append(f"id: not {odd[0]!r}, its values are not all there and different")

    def _called(self, names: tuple[str, ...]) -> list[ObservedColumn]:
        """Columns that are left and called so, in the order of the names, in any letter case."""
        named = {c.name.strip().lower(): c for c in reversed(self.columns.values())}
        return [named[name] for name in names if name in named]

    def _unique(self, name: str) -> bool:
        column = self.reader.column(name)
        if not pa.types.is_string(column.type) and not pa.types.is_integer(column.type):
            return False
        return column.null_count == 0 and repeated(column) is None

    def _named(
        self, role: str, names: tuple[str, ...], fits: Callable[[ObservedColumn], bool]
    ) -> None:
        for column in self._called(names):
            name = column.name
            if column.values and fits(column):
                self.source[role] = name
                by_file = (
                    role == "split"
                    and isinstance(self.reader, ByFile)
                    and SPLIT in self.reader.said
                )
                why = "the names of the files say it" if by_file else "by its name"
                self.reasons.append(f"{role}: {name!r}, {why}")
                del self.columns[name]
                return

    def _target(self) -> None:
        named = [column for column in self.columns.values() if column.feature.kind == "class"]
        named += [x for x in self._called(TARGETS) if x.name not in self.source.values()]
        for column in named:
            kind, why = self._target_kind(column)
            if not kind:
                self.reasons.append(f"target: not {column.name!r}, {why}")
                continue
            classes = list(column.feature.classes) or None
            self.target = Target.model_validate(
                {"column": column.name, "kind": kind, "classes": classes}
            )
            why = "the format names its classes" if classes else f"by its name and its values{why}"
            self.reasons.append(f"target: {column.name!r} is a {kind}, {why}")
            del self.columns[column.name]
            return

    def _target_kind(self, column: ObservedColumn) -> tuple[str, str]:
        """What a column is as a target, and what of its values says so, or why it is none."""
        if pa.types.is_list(column.type):
            return "multilabel", ""
        if column.shapes or column.media[0]:
            return "", "it holds no labels"
        if column.numeric and not column.whole:
            return "number", ""
        return self._class_or_not(column)

    def _class_or_not(self, column: ObservedColumn) -> tuple[str, str]:
        """Whether texts or whole numbers are classes: where they are few, or there again."""
        many = column.distinct > (MOST_CLASSES // 2 if column.numeric else MOST_CLASSES)
        several = column.words > text.WORDS
        called = column.name.strip().lower()
        if not many and not several:
            return "class", ""
        rows, values = self._repeats(column) if called in LABELS or not column.numeric else (0, 1)
        if rows >= ROWS_A_CLASS * values:
            return "class", f": {values} values, each {rows / values:.1f} times on average"
        if column.numeric:
            return "number", f": {column.distinct} whole numbers in the first rows"
        return "", f"its {values} texts are hardly there twice"

    def _repeats(self, column: ObservedColumn) -> tuple[int, int]:
        """How many values a column has, and how many of them differ."""
        if not (pa.types.is_string(column.type) or pa.types.is_integer(column.type)):
            return len(column.values), column.distinct
        every = self.reader.column(column.name).drop_null()
        return len(every), compute.count_distinct(every).as_py()

    def _claimed(self) -> None:
        """Columns that look like modalities, the surest ways of telling them first."""
        ways = [(name, way) for name in kind_names() for way in load_kind(name).looks_like]
        for rank in sorted({way.rank for _, way in ways}):
            ids = {column.name for column in self._called(IDS)}  # they tell rows apart
            every = list(self.columns.values())
            claims = [
                (name, claim)
                for name, way in ways
                if way.rank == rank
                for claim in way.claims([c for c in every if way.ids or c.name not in ids])
            ]
            place = {column.name: i for i, column in enumerate(every)}
            claims.sort(key=lambda claim: place[claim[1].columns[0]])
            for kind, claim in claims:
                if all(name in self.columns for name in claim.columns):
                    self._take(kind, claim)

    def _shared_picture(self) -> None:
        for modality in self.modalities.values():
            name = modality.column
            if "group" in self.source or modality.kind != image.NAME or name is None:
                continue
            field = self.reader.schema.field(name) if name in self.reader.schema.names else None
            if field is None or not pa.types.is_string(field.type):
                continue
            if repeated(self.reader.column(name).drop_null()) is not None:
                self.source["group"] = name
                self.reasons.append(f"group: {name!r}, several rows share a picture")

    def _absolute_names(self) -> None:
        """Say what to write where rows name files by their place on a machine."""
        for modality in self.modalities.values():
            column = self._every.get(modality.column or "")
            names = [n for n in map(file_name, column.values if column else ()) if n[:1] == "/"]
            if column and column.media[0] and names:
                home = os.path.commonpath([os.path.dirname(n) for n in names])  # noqa: PTH120
                self.reasons.append(
                    f"root: {column.name!r} names files by absolute paths; to read them, write "
                    f"root = {home!r} in [source]"
                )

    def _take(self, kind: str, claim: Claim) -> None:
        called = claim.name
        while called in self.modalities or called in RESERVED:
            called += "_"
        self.modalities[called] = Modality(
            kind=kind,
            column=None if claim.together else "|".join(claim.columns),
            columns=list(claim.columns) if claim.together else [],
            categorical=list(claim.categorical),
        )
        shown = ", ".join(map(repr, claim.columns[:3])) + (" …" if len(claim.columns) > 3 else "")
        self.reasons.append(f"{called}: {shown} is {kind}, {claim.why}")
        for name in claim.columns:
            self.columns.pop(name, None)


def infer(path: str | Path) -> Manifest:
    """Infer a manifest from a data file, folder, pattern or URL; `Manifest.reasons` says why.

    Raises:
        InputError: There is nothing there, or no column looks like a modality.
    """
    where = str(path)
    far = urls.is_url(where)
    folder = Path.cwd() if far else _folder_of(where)
    relative = where if far else os.path.relpath(where, folder)
    reader = locate.opened(relative, folder).reader
    if not len(reader):
        raise InputError("there are no rows", where=where, fix="check that the data is there")
    inference = Inference(reader)
    inference.run()
    if not inference.modalities:
        raise InputError(
            f"no column looks like a modality: {', '.join(reader.schema.names) or 'none'}",
            where=where,
            fix="write a dataset.toml that says which column is what, docs/manifest.md shows how",
        )
    entries = {
        "name": _called(Path(urls.shown(where)) if far else Path(where).absolute()),
        "source": Source.model_validate({"path": relative, **inference.source}),
        "modality": inference.modalities,
        "target": inference.target,
    }
    manifest = Manifest.model_validate(entries)
    return manifest.placed(folder, reasons=tuple(inference.reasons))


def _called(path: Path) -> str:
    plain = path.stem.strip("*_-")
    return path.parent.name if plain in {"", "metadata", "data"} else plain


def _folder_of(path: str) -> Path:
    folder = Path(path).absolute().parent
    while has_magic(str(folder)) or "{" in str(folder):
        folder = folder.parent
    return folder
