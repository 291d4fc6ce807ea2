"""Options of a corruption run: from flags, a recipe or Python, all the same."""

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from mmaudit import parts
from mmaudit.errors import InputError, UsageError
from mmaudit.injection.encoder import without_folders
from mmaudit.options import option

Format = Literal["same", "parquet", "webdataset", "folder"]
FORMATS: tuple[Format, ...] = ("same", "parquet", "webdataset", "folder")
PATHS = ("frost_dir", "noise_dir", "rir_dir", "index")  # relative to the recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
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
    encoder: str | None = option("what also measures texts and pictures", default=None)

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

    workers: int = option("units at a time", default=1)
    max_skipped: int = option("values that may be unreadable", default=0)
    preview: str | None = option("picture of originals against severities", default=None)


def asked(recipe: str | Path | None, **given: Any) -> tuple[Options, How]:
    """What a TOML file asks for; what is given besides it wins.

    Args:
        recipe: The file; paths in it, those of an encoder included, are relative to it.
        **given: Options that were said on the command line.

    Raises:
        InputError: There is no such file.
        UsageError: It is not TOML, or a key is not an option.
    """
    told = (_recipe(Path(recipe)) if recipe else {"apply": ()}) | given
    where = str(recipe or "")
    how = {f.name: told.pop(f.name) for f in fields(How) if f.name in told}
    return options(told, where=where), How(**checked(how, How, where=where))


def _recipe(path: Path) -> dict[str, Any]:
    """The keys of a recipe, with paths that lead from here."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"cannot read the recipe: {error.strerror}", where=str(path), fix="check the path"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"not TOML: {error}", where=str(path), fix="correct the file") from error
    for key in (*PATHS, "preview"):
        if isinstance(told.get(key), str):
            told[key] = str(path.parent / told[key])
    if isinstance(told.get("encoder"), str):
        told["encoder"] = _placed(told["encoder"], path.parent)
    return told


def options(told: dict[str, Any], where: str = "") -> Options:
    """Options from keys and values; an unknown key or a wrong type is refused.

    Raises:
        UsageError: A key is not an option, or its value is of another type.
    """
    checked(told, Options, where)
    listed = told.get("apply", ())
    return Options(**{**told, "apply": (listed,) if isinstance(listed, str) else tuple(listed)})


def checked(told: dict[str, Any], kind: type[Options | How], where: str = "") -> dict[str, Any]:
    """The same keys and values, where they are options of this kind.

    Raises:
        UsageError: A key is not an option, or its value is of another type.
    """
    known = {f.name: f for f in fields(kind)}
    for key, value in told.items():
        if key not in known:
            near = parts.close(key, tuple(known))
            raise UsageError(
                f"there is no option {key!r}", where=where, fix=near or f"one of {', '.join(known)}"
            )
        if not _fits(value, _named(known[key].type)):
            raise UsageError(f"{key} cannot be {value!r}", where=where, fix=f"{key} = …")
    return told


def without_place(chosen: Options) -> dict[str, Any]:
    """The options that decide what is made, with file names in place of paths."""
    told = {f.name: getattr(chosen, f.name) for f in fields(replace(chosen))}
    for key in PATHS:
        told[key] = None if told[key] is None else Path(told[key]).name
    return told | {"encoder": chosen.encoder and without_folders(chosen.encoder)}


def _placed(spec: str, folder: Path) -> str:
    """An encoder's spec with the files of it that are in a folder."""
    adapter, _, where = spec.partition(":")
    files, *options = where.split(",")
    found = [str(folder / f) if (folder / f).is_file() else f for f in files.split("@")]
    return f"{adapter}:{','.join(['@'.join(found), *options])}"


def _named(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint))


def _fits(value: Any, hint: str) -> bool:
    if isinstance(value, bool) or "bool" in hint:
        return isinstance(value, bool) and "bool" in hint
    if hint.startswith("tuple"):
        return isinstance(value, str) or (
            isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value)
        )
    if "None" in hint and value is None:
        return True
    if hint.startswith("int"):
        return isinstance(value, int)
    if hint.startswith("float"):
        return isinstance(value, (int, float))
    return isinstance(value, str)
