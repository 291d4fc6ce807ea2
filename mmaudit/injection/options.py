"""Options of a corruption run: from flags, a recipe or Python, all the same."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from mmaudit import files
from mmaudit.errors import UsageError
from mmaudit.injection.encoder import without_folders
from mmaudit.options import make, option, placed

Format = Literal["same", "parquet", "webdataset", "folder"]
FORMATS: tuple[Format, ...] = ("same", "parquet", "webdataset", "folder")
PATHS = ("frost_dir", "noise_dir", "rir_dir", "index")  # relative to the recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class CorruptOptions:
    """What is to be done to a dataset."""

    apply: tuple[str, ...] = option("what to do, PART[:SEVERITY][@MODALITY], in this order")
    fraction: float = option("share of the samples that corruptions of samples hit", default=1.0)
    severity_per_sample: bool = option("draw the severity of each sample, 1 to 5", default=False)
    seed: int = option("seed of all randomness", default=0)
    split: str | None = option("only samples of this split", default=None)
    limit: int | None = option("at most so many samples, chosen by hash of the id", default=None)
    format: Format = option("how the output is stored", default="same")
    scale_with_size: bool = option(
        "parameters in pixels follow min(height, width) / 224", default=False
    )
    frost_dir: str | None = option("pictures of ice for image/frost", default=None)
    noise_dir: str | None = option("recordings for audio/noise_file", default=None)
    rir_dir: str | None = option("impulse responses for audio/reverb", default=None)
    index: str | None = option("a mask, donors or labels instead of a plan's own", default=None)
    calibrate: str | None = option("dose to reach, as ssim=0.6", default=None)
    encoder: str | None = option(
        "what also measures texts and pictures", default=None, names_model=True
    )

    def __post_init__(self) -> None:
        if not self.apply:
            raise UsageError("nothing is to be applied", fix="--apply image/fog:3")
        if not 0 < self.fraction <= 1:
            raise UsageError(f"a fraction of {self.fraction:g}", fix="a number in (0, 1]")
        if self.format not in FORMATS:
            raise UsageError(f"there is no format {self.format!r}", fix=" or ".join(FORMATS))


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a run goes, whatever it makes."""

    workers: int | None = option(
        "units at a time (default: 1; with ray, one a core of the cluster)", default=None
    )
    engine: str = option("where units run: local or ray", default="local")
    address: str | None = option(
        "Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine)",
        default=None,
    )
    memory: str | None = option(
        "memory that all workers may take for decoded samples, as 512MB", default=None
    )
    max_skipped: int = option("values that may be unreadable", default=0)
    timeout: float | None = option(
        "seconds that each call of the encoder may take; as long as it takes unless said",
        default=None,
    )
    preview: str | None = option("picture of originals against severities", default=None)


def from_recipe(recipe: str | Path | None, **flags: Any) -> tuple[CorruptOptions, How]:
    """What a TOML file asks for; what is said besides it wins.

    Args:
        recipe: The file; paths in it, those of an encoder included, are relative to it.
        **flags: Options that were said on the command line.

    Raises:
        InputError: There is no such file.
        UsageError: It is not TOML, or a key is not an option.
    """
    values = (_recipe(Path(recipe)) if recipe else {"apply": ()}) | flags
    where = str(recipe or "")
    how = {f.name: values.pop(f.name) for f in fields(How) if f.name in values}
    return from_keys(values, where), make(How, how, where=where, strict=True)


def from_keys(values: Mapping[str, Any], where: str = "") -> CorruptOptions:
    """Options from keys and values; an unknown key or a wrong type is refused.

    Raises:
        UsageError: A key is not an option, or its value is of another type.
    """
    steps = values.get("apply", ())
    apply = {"apply": (steps,) if isinstance(steps, str) else steps}
    return make(CorruptOptions, {**values, **apply}, where=where, strict=True)


def without_place(options: CorruptOptions) -> dict[str, Any]:
    """The options that decide what is made, with file names in place of paths."""
    values = {f.name: getattr(options, f.name) for f in fields(options)}
    for key in PATHS:
        values[key] = None if values[key] is None else Path(values[key]).name
    return values | {"encoder": options.encoder and without_folders(options.encoder)}


def _recipe(path: Path) -> dict[str, Any]:
    """The keys of a recipe, with paths that lead from here."""
    values = files.read_toml(path, "recipe")
    for key in (*PATHS, "preview"):
        if isinstance(values.get(key), str):
            values[key] = str(path.parent / values[key])
    if isinstance(values.get("encoder"), str):
        values["encoder"] = placed(values["encoder"], path.parent)
    return values
