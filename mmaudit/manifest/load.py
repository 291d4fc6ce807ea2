"""Read a manifest, or infer one from the data itself."""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from mmaudit import files, parts
from mmaudit.errors import UsageError
from mmaudit.manifest import tree
from mmaudit.manifest.infer import infer
from mmaudit.manifest.locate import MANIFEST
from mmaudit.manifest.model import Manifest, Modality, Source, Target
from mmaudit.options import unknown
from mmaudit.stores import urls

SECTIONS: dict[str, type[BaseModel]] = {"source": Source, "modality": Modality, "target": Target}


def load(path: str | Path) -> Manifest:
    """Read a ``dataset.toml``, the one in a folder, or infer one from data.

    Args:
        path: A manifest, or a data file, folder, pattern or URL.

    Raises:
        UsageError: The manifest cannot mean anything; file, line and key are named.
        InputError: There is nothing there.
    """
    if (place := tree.split(path)) is not None:
        return _from_store(*place)
    if urls.is_url(path):
        if str(path).lower().endswith(".toml"):
            raise UsageError(
                "a manifest is not read over the network",
                where=urls.shown(str(path)),
                fix="copy it to this machine, or s3://, gs://, az://; its path may be a URL",
            )
        return infer(path)
    path = Path(path)
    if path.is_dir() and (path / MANIFEST).is_file():
        path /= MANIFEST
    return _read(path) if path.suffix.lower() == ".toml" else infer(path)


def _from_store(url: str, name: str) -> Manifest:
    """The manifest of a dataset in an object store, with the files that it names first.

    Raises:
        InputError: There is nothing there, or a path leads out of the manifest's folder.
    """
    there = tree.StoredFolder(url)
    if there.has(f"{name}/{MANIFEST}"):
        return _from_store(f"{url}/{name}", MANIFEST)
    there.prepare(name)
    path = there.folder / name
    if path.suffix.lower() != ".toml":
        return infer(path).in_store(url, "")
    manifest = _read(path)
    tree.inside(manifest.source.links or ".", url)
    there.prepare(manifest.source.path, manifest.source.root)
    return manifest.in_store(url, f"{url}/{name}")


def _read(path: Path) -> Manifest:
    text = files.read_text(path, "manifest", fix="mmaudit init DATA writes one")
    keys = files.parse_toml(text, path)
    try:
        manifest = Manifest.model_validate(keys, by_alias=True, by_name=False)
    except ValidationError as error:
        raise _refusal(error, path, text) from error
    return manifest.placed(path.parent, file=str(path))


def _refusal(error: ValidationError, path: Path, text: str) -> UsageError:
    # a misspelt key is also a missing one: say the first
    problem = min(error.errors(), key=lambda p: p["type"] != "extra_forbidden")
    loc = [str(part) for part in problem["loc"]]
    key = loc[-1] if loc else ""
    section = ".".join(loc[:-1])
    lacking = problem["type"] == "missing"
    where = f"{path}{_line(text, loc[:-1] if lacking else loc)}"
    inside = f" in [{section}]" if section else ""
    if problem["type"] == "extra_forbidden":
        what = f"unknown key {key!r}{inside}"
        return unknown(what, key, _keys(loc[:-1]), where=where)
    if lacking:
        return UsageError(f"{key!r} is missing{inside}", where=where, fix=f"add {key} = …{inside}")
    what = problem["msg"].removeprefix("Value error, ")
    name = ".".join(loc)
    return UsageError(f"{name}: {what}", where=where, fix=_fix(problem, key))


def _fix(problem: Any, key: str) -> str:
    text = str(problem.get("ctx", {}).get("expected", ""))
    expected = re.findall(r"'([^']+)'", text) or ([text] if text else [])
    value = problem["input"]
    close = parts.close(value, tuple(expected)) if isinstance(value, str) else ""
    return close or (f"one of {', '.join(expected)}" if expected else f"correct {key}")


def _keys(loc: list[str]) -> tuple[str, ...]:
    if not loc:
        return ("schema", "name", "source", "modality", "target")
    return tuple(SECTIONS[loc[0]].model_fields)


def _line(text: str, loc: list[str]) -> str:
    """``:line`` of a key in the text of a manifest; empty where it cannot be told."""
    quoted = [rf"[\"']?{re.escape(part)}[\"']?" for part in loc]
    header = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(quoted[:-1] or [""]) + r"\s*\]")
    title = re.compile(r"\s*\[\s*" + r"\s*\.\s*".join(quoted or [""]) + r"\s*[\].]")
    entry = re.compile(r"\s*" + (quoted[-1] if quoted else "") + r"\s*=")
    inside = len(loc) == 1
    for number, line in enumerate(text.splitlines(), 1):
        if title.match(line):
            return f":{number}"
        if line.lstrip().startswith("["):
            inside = len(loc) > 1 and bool(header.match(line))
        elif loc and inside and entry.match(line):
            return f":{number}"
    return ""


__all__ = ["infer", "load"]
