"""Parts: modules that exist to be chosen by name.

A part is one module in a folder of parts, and its name is its path: the file
``corruptions/image/gaussian_noise.py`` *is* the corruption ``image/gaussian_noise``. A part that
needs several files is a folder with a module named for the kind: ``audits/robustness/audit.py``
*is* the audit ``robustness``. There is no list to edit and no decorator to run, so listing parts
imports none of them. Other packages add
parts through the entry-point group ``mmaudit.parts``: the entry point
``corruptions/image/my_noise = "my_package.my_noise"`` is the corruption ``image/my_noise``.
"""

import ast
import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from mmaudit.errors import MissingError, UsageError

ROOT = "mmaudit"
GROUP = "mmaudit.parts"
CONTRACTS = {"base"}  # a folder's one contract is not a part of it
IN_FAMILIES = {"corruptions"}  # kinds whose parts stand one folder deeper, as image/fog
ENTRIES = {"audits": "audit", "manifest/readers": "reader", "models/adapters": "adapter"}


@cache
def names(kind: str) -> tuple[str, ...]:
    """Names of all parts of a kind, sorted, without importing them."""
    folder = Path(str(files(ROOT).joinpath(kind)))
    own = _in_families(folder) if kind in IN_FAMILIES else _in_folder(folder, ENTRIES.get(kind))
    return tuple(sorted({*own, *_foreign(kind)}))


def _in_families(folder: Path) -> Iterator[str]:
    for family in pkgutil.iter_modules([str(folder)]):
        if family.ispkg:
            yield from (f"{family.name}/{name}" for name in _in_folder(folder / family.name))


def _in_folder(folder: Path, entry: str | None = None) -> Iterator[str]:
    """Modules, and packages that have the entry module of their kind."""
    for module in pkgutil.iter_modules([str(folder)]):
        if module.name.startswith("_") or module.name in CONTRACTS:
            continue
        if not module.ispkg or (entry and (folder / module.name / f"{entry}.py").exists()):
            yield module.name


def summary(kind: str, name: str) -> str:
    """First line of a part's docstring, read from its source."""
    spec = find_spec(_module(kind, name))
    if spec is None or spec.origin is None:
        raise unknown(kind, name)
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def load(kind: str, name: str) -> ModuleType:
    """Import one part by name.

    Raises:
        UsageError: There is no such part; the close matches are named.
        MissingError: The part needs a package that is not installed.
    """
    if name not in names(kind):
        raise unknown(kind, name)
    try:
        return importlib.import_module(_module(kind, name))
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith(ROOT):
            raise
        raise MissingError(
            f"{kind} {name!r} needs the package {error.name!r}", fix=f"pip install {error.name}"
        ) from error


def match(kind: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Names that match any shell-style pattern; a pattern that matches nothing is refused."""
    chosen: dict[str, None] = {}
    for pattern in patterns:
        hits = [name for name in names(kind) if fnmatchcase(name, pattern)]
        if not hits:
            raise unknown(kind, pattern)
        chosen |= dict.fromkeys(hits)
    return tuple(chosen)


def unknown(kind: str, name: str) -> UsageError:
    """The refusal of a name that no part has, with the names that are close to it."""
    return UsageError(
        f"there is no {name!r} in {kind}", fix=close(name, names(kind)) or f"mmaudit list {kind}"
    )


def close(name: str, known: tuple[str, ...]) -> str:
    """Up to three known names like this one, as ``a or b or c``; empty if none is."""
    return " or ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.5))


@cache
def _foreign(kind: str) -> dict[str, str]:
    found = entry_points(group=GROUP)
    prefix = f"{kind}/"
    return {e.name.removeprefix(prefix): e.value for e in found if e.name.startswith(prefix)}


def _module(kind: str, name: str) -> str:
    foreign = _foreign(kind).get(name)
    if foreign:
        return foreign
    path, entry = f"{kind}/{name}", ENTRIES.get(kind)
    if entry and files(ROOT).joinpath(path, f"{entry}.py").is_file():
        path = f"{path}/{entry}"
    return f"{ROOT}.{path.replace('/', '.')}"
