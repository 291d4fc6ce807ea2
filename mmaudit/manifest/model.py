"""What a dataset manifest says: where the rows are, and which columns are which modality."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator
from pydantic_core import PydanticKnownError

from mmaudit import parts
from mmaudit.kinds.base import kind_names, load_kind
from mmaudit.names import name
from mmaudit.parsing.limits import LARGEST, MAX_BYTES, MAX_PIXELS, MAX_SAMPLES
from mmaudit.stores import urls

TargetKind = Literal["class", "multilabel", "number"]
RESERVED = ("id", "label", "split", "group")  # column names of a batch that no modality may take


class Strict(BaseModel):
    """A part of a manifest: an unknown key is an error, never ignored."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True
    )


class Source(Strict):
    """Where the rows are.

    Attributes:
        path: File, folder or pattern (``*``, ``{000..127}``), relative to the manifest; or a
            URL, which is fetched.
        format: Name of a reader, or ``auto`` to tell it from the file.
        root: Folder that file names in the data are relative to and may not leave; relative to
            the manifest. Default: the folder of the data file.
        links: Folder that links in the root may lead into and not leave; relative to the manifest.
            Default: the root; in a snapshot of the Hugging Face cache, the folder of its blobs.
        id: Column of unique, stable sample ids. Default: ``<file name>:<row>``.
        split: Column that names the split of a sample.
        group: Column of what belongs together (patient, speaker, photo of several captions).
        slices: Columns whose values are reported one by one.
        max_pixels: Images with more pixels are skipped, with the reason.
        max_samples: Sounds with more samples, over all channels, are skipped, with the reason.
        max_bytes: Files and archive members with more bytes are skipped, with the reason; a text,
            a line of JSON and a cell of CSV at 16 MiB, or at a sixteenth of this where that is
            more.
    """

    path: str = Field(min_length=1)
    format: str = "auto"
    root: str | None = None
    links: str | None = None
    id: str | None = None
    split: str | None = None
    group: str | None = None
    slices: list[str] = Field(default_factory=list)
    max_pixels: int = Field(default=MAX_PIXELS, gt=0, le=LARGEST)
    max_samples: int = Field(default=MAX_SAMPLES, gt=0, le=LARGEST)
    max_bytes: int = Field(default=MAX_BYTES, gt=0, le=LARGEST)


class Modality(Strict):
    """One named input.

    Attributes:
        kind: What a value is.
        column: The column that holds it; ``jpg|png`` takes the first that is there in a row.
        columns: Several number columns that make one vector, or the columns of a table.
        categorical: Those of a table's columns that are categories, not numbers.
        sample_rate: Samples a second, audio and series; audio at another is resampled to it.
        shape: Numbers in a vector ``[d]``, or ``[time, channel]`` with 0 for a free length.
        mask: Column of truth values: whether the modality is there in a row.
        many: What to take of a list of texts; ``all`` makes each text a sample of one group.
    """

    kind: str
    column: str | None = None
    columns: list[str] = Field(default_factory=list)
    categorical: list[str] = Field(default_factory=list)
    sample_rate: float | None = Field(default=None, gt=0)
    shape: list[int] = Field(default_factory=list)
    mask: str | None = None
    many: Literal["first", "join", "all"] = "first"

    @field_validator("kind", mode="before")
    @classmethod
    def _a_kind(cls, kind: Any) -> Any:
        if not isinstance(kind, str) or kind not in parts.names("kinds"):
            *names, last = map(repr, kind_names())
            raise PydanticKnownError("literal_error", {"expected": f"{', '.join(names)} or {last}"})
        return kind

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        kind = load_kind(self.kind)
        if (self.column is None) == (not self.columns):
            raise ValueError("say either column or columns")
        if self.columns and kind.columns == "one":
            raise ValueError(f"a modality of kind {self.kind} has one column, not columns")
        if self.many == "all" and (not kind.lists or "|" in (self.column or "")):
            raise ValueError('many = "all" is for a modality of kind text with one column')
        if kind.columns == "several" and not self.columns:
            raise ValueError(f"a {self.kind} has columns, not one column")
        twice = [name for i, name in enumerate(self.columns) if name in self.columns[:i]]
        if twice:
            raise ValueError(f"columns names {twice[0]!r} twice")
        stray = [name for name in self.categorical if name not in self.columns]
        if stray:
            raise ValueError(f"categorical names {stray[0]!r}, which is not among columns")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the source that it is made of, alternatives included."""
        return tuple(self.columns) or tuple((self.column or "").split("|"))


class Target(Strict):
    """What is to be predicted.

    Attributes:
        column: The column that holds it.
        kind: One of several classes, several of them (a list, or ``a|b``), or a number.
        classes: All classes in their order. Default: what the data has, in natural order.
    """

    column: str
    kind: TargetKind
    classes: list[str] | None = Field(default=None, min_length=1)

    @field_validator("classes", mode="before")
    @classmethod
    def _as_text(cls, classes: Any) -> Any:
        return [name(c) for c in classes] if isinstance(classes, list) else classes

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.classes and self.kind == "number":
            raise ValueError("a number has no classes")
        if self.classes and len(set(self.classes)) < len(self.classes):
            raise ValueError("classes names one class twice")
        return self


class Manifest(Strict):
    """A declared dataset.

    Attributes:
        schema_version: Version of this file's form; ``schema`` in the file.
        name: Name of the dataset.
        source: Where the rows are.
        modalities: Each input by name, in their order; ``[modality.NAME]`` in the file.
        target: What is to be predicted, if anything.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    name: str = Field(default="dataset", min_length=1)
    source: Source
    modalities: dict[str, Modality] = Field(alias="modality", min_length=1)
    target: Target | None = None
    _folder: Path = PrivateAttr(default_factory=Path.cwd)
    _file: str = PrivateAttr(default="")
    _reasons: tuple[str, ...] = PrivateAttr(default=())
    _store: str = PrivateAttr(default="")

    @field_validator("modalities")
    @classmethod
    def _free_names(cls, modalities: dict[str, Modality]) -> dict[str, Modality]:
        for taken in modalities:
            if taken in RESERVED or taken.startswith("slice:") or not taken:
                raise ValueError(f"no modality may be called {taken!r}")
        return modalities

    @property
    def folder(self) -> Path:
        """The folder that its paths are relative to."""
        return self._folder

    @property
    def file(self) -> str:
        """The file it was read from, as errors name it; empty if it was made in memory."""
        return self._file

    @property
    def store(self) -> str:
        """The address in an object store that its folder was brought from; empty elsewhere."""
        return self._store

    @property
    def at(self) -> str:
        """Where the data is, as errors name it."""
        if self._store:
            return f"{self._store}/{self.source.path}"
        if urls.is_url(self.source.path):
            return urls.shown(self.source.path)
        return str(self._folder / self.source.path)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why each line is as it is, where it was inferred from the data."""
        return self._reasons

    @property
    def inferred(self) -> bool:
        """Whether it was inferred from the data, not written by a person."""
        return bool(self._reasons)

    @property
    def says(self) -> str:
        """One sentence about what was inferred; empty where nothing was."""
        if not self.inferred:
            return ""
        listed = ", ".join(f"{key} ({m.kind})" for key, m in self.modalities.items())
        target = f"; target {self.target.column} ({self.target.kind})" if self.target else ""
        return f"inferred from the data: {listed}{target}"

    @property
    def digest(self) -> str:
        """sha256 of what it says, whatever its layout, comments and place."""
        return sha256(self.to_toml().encode()).hexdigest()

    def placed(self, folder: Path, file: str = "", reasons: tuple[str, ...] = ()) -> Self:
        """The same manifest, found in a folder."""
        placed = self.model_copy()
        placed._folder = folder.absolute()  # noqa: SLF001  a copy of this very class
        placed._file = file  # noqa: SLF001
        placed._reasons = reasons  # noqa: SLF001
        return placed

    def in_store(self, url: str, file: str) -> Self:
        """The same manifest, whose folder was brought from a store."""
        placed = self.model_copy()
        placed._store, placed._file = url, file  # noqa: SLF001  a copy of this very class
        return placed

    def to_toml(self) -> str:
        """The text of a ``dataset.toml`` that reads back as this manifest."""
        fields = self.model_dump(by_alias=True, exclude_defaults=True)
        lines = [f"schema = {self.schema_version}", f"name = {_value(self.name)}"]
        lines += _section("source", fields["source"])
        for modality, entry in fields["modality"].items():
            lines += _section(f"modality.{_key(modality)}", entry)
        if self.target:
            lines += _section("target", fields["target"])
        return "\n".join(lines) + "\n"


def _section(title: str, entry: dict[str, Any]) -> list[str]:
    return ["", f"[{title}]", *(f"{key} = {_value(value)}" for key, value in entry.items())]


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _value(text)


def _value(value: Any) -> str:
    # JSON's strings, numbers, truth values and lists of them are TOML's, but for one character
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
