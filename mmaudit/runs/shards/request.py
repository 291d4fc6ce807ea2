"""What was asked for of a job, as it was said: what joining its parts needs, and advice names."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from shlex import join
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from mmaudit.audits.declaration import declaration
from mmaudit.errors import InputError
from mmaudit.injection.options import CorruptOptions, How
from mmaudit.models.load import runs_code
from mmaudit.options import naming_models, towers
from mmaudit.samples.dataset import Dataset
from mmaudit.tables.shards import JobShard

CORRUPT = "corrupt"
HOW = ("resume", "shard")  # said of one part, and not of the job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What a command was asked.

    Attributes:
        job: Name of the audit, or ``corrupt``.
        dataset: A manifest or a data path; None where an opened dataset was given.
        model: ``ADAPTER:WHERE``; None where there is no model, or an object was given.
        sha256: Digest that the model file must have.
        trust: Whether what can run code might be opened.
        options: The options that are not as they are unless said.
        samples: How many samples this part has, where units are cut by samples.
        unit_rows: How many samples a unit has, where an audit is asked.
    """

    job: str
    dataset: str | None
    model: str | None = None
    sha256: str | None = None
    trust: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    samples: int | None = None
    unit_rows: int | None = None

    @classmethod
    def of(cls, entries: Any, path: Path) -> Self:
        """What a plan says that was asked for.

        Raises:
            InputError: It does not say that.
        """
        try:
            return TypeAdapter(cls).validate_python(entries)
        except ValidationError as error:
            raise InputError(
                "the plan of this part does not say what was asked for",
                where=str(path),
                fix="the version of mmaudit that made the part",
            ) from error

    def entries(self) -> dict[str, Any]:
        """The same for a plan."""
        return asdict(self)

    @property
    def trusts(self) -> bool:
        """Whether it is joined with ``trust`` alone, since a part names what can run code."""
        values = [self.options.get(name) for kind in self._kinds for name in naming_models(kind)]
        several = [[value] if isinstance(value, str) else value or [] for value in values]
        named = [self.model, *(one for some in several for one in some)]
        specs = [spec for text in named if text for spec in towers(text).values() or [text]]
        return any(":" in spec and runs_code(spec) for spec in specs)

    @property
    def _kinds(self) -> tuple[type[Any], ...]:
        """The options of its command."""
        corrupts = self.job == CORRUPT
        return (CorruptOptions, How) if corrupts else (declaration(self.job).options,)

    def command(self, out: Path, shard: JobShard) -> str:
        """The command that makes or finishes a part of this job.

        Args:
            out: The folder of the part.
            shard: Which one it is.
        """
        corrupts = self.job == CORRUPT
        words = ["mmaudit", self.job.replace("_", "-"), self.dataset or "DATASET"]
        words += [str(out)] if corrupts else []
        words += [] if self.model is None else ["--model", self.model]
        words += [] if corrupts else ["--out", str(out)]
        words += [] if self.sha256 is None else ["--sha256", self.sha256]
        words += ["--trust"] if self.trust else []
        words += [word for key in self.options for word in self._words(key)]
        return join([*words, "--shard", str(shard), "--resume"])

    def _words(self, key: str) -> Iterator[str]:
        """An option as flags."""
        says = {f.name: f.metadata for kind in self._kinds for f in fields(kind)}
        flag, value = f"--{says[key].get('flag') or key.replace('_', '-')}", self.options[key]
        if isinstance(value, bool):
            yield flag
            return
        for one in value if isinstance(value, list | tuple) else (value,):
            yield from (flag, str(one))


def said(dataset: str | Path | Dataset) -> str | None:
    """How another process can open a dataset; None where it was made in memory."""
    return dataset.manifest.file or None if isinstance(dataset, Dataset) else str(dataset)


def unusual(options: Any) -> dict[str, Any]:
    """The options that are not as they are unless said, but for those of one part."""
    out = {}
    for each in fields(options):
        value = getattr(options, each.name)
        if each.name not in HOW and (each.default is MISSING or value != each.default):
            out[each.name] = value
    return out
