"""Parts: modules that exist to be chosen by name.

A part is one module in a folder of parts, and its name is its path: the file
``corruptions/image/gaussian_noise.py`` *is* the corruption ``image/gaussian_noise``. A part that
needs several files is a folder with a module named for the kind: ``audits/robustness/audit.py``
*is* the audit ``robustness``. There is no list to edit and no decorator to run, so listing parts
imports none of them. Other packages add
parts through the entry-point group ``mmaudit.parts``: the entry point
``corruptions/image/my_noise = "my_package.my_noise"`` is the corruption ``image/my_noise``.

What a part of a kind must have is said by the nearest ``base.py`` at or above the kind's folder:
its function ``check(name, part)`` refuses what lacks something, and is asked at every load. A part
that needs packages that mmaudit itself does not need says so: ``PACKAGES = {"soundfile": "pip
install soundfile"}``, the name to import and the line to type.
"""

import ast
import difflib
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from mmaudit.errors import InputError, MissingError, UsageError
from mmaudit.extras import line as install_line  # of `mmaudit` itself parts are asked

ROOT = "mmaudit"
GROUP = "mmaudit.parts"
PACKAGES = "PACKAGES"  # what a part calls the packages that it needs
CONTRACTS = {"base", "declaration"}  # what a folder asks of its parts is not a part of it
IN_FAMILIES = {
    "checks",
    "corruptions",
    "remedies",
}  # their parts stand one folder deeper, as image/fog
DOCSTRING = re.compile(r'r?"""(?:[^"\\]|\\.|"(?!""))*"""', re.DOTALL)
ENTRIES = {"audits": "audit", "manifest/readers": "reader", "models/adapters": "adapter"}


@cache
def names(kind: str) -> tuple[str, ...]:
    """Names of all parts of a kind, sorted, without importing them."""
    return tuple(sorted({*own(kind), *foreign(kind)}))


@cache
def own(kind: str) -> tuple[str, ...]:
    """Names of the parts of a kind that come with mmaudit, sorted, without importing them."""
    folder = Path(str(files(ROOT).joinpath(kind)))
    if kind in IN_FAMILIES:
        return tuple(sorted(_in_families(folder)))
    return tuple(sorted(_in_folder(folder, ENTRIES.get(kind))))


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


@cache
def foreign(kind: str) -> dict[str, str]:
    """The parts of a kind that other packages add: the module of each, by its name."""
    prefix = f"{kind}/"
    points = [e for e in _points() if e.name.startswith(prefix)]
    return {point.name.removeprefix(prefix): point.value for point in points}


def summary(kind: str, name: str) -> str:
    """First line of a part's docstring, read from its source.

    Example:
        >>> summary("corruptions", "image/fog")
        'Fog: a cloud without edges lies over the picture.'
    """
    return docstring(kind, name).partition("\n")[0]


def docstring(kind: str, name: str) -> str:
    """A part's docstring, read from its source."""
    source = _source(_module(kind, name))
    if source is None:
        raise _nowhere(kind, name)
    opening = DOCSTRING.match(source)  # to parse one string is cheaper than to parse a module
    return ast.get_docstring(ast.parse(opening[0] if opening else source)) or ""


def load(kind: str, name: str) -> ModuleType:
    """Import one part by name, and see that it has what its kind asks for.

    Raises:
        UsageError: There is no such part; the close matches are named.
        MissingError: The part needs a package that is not installed.
        InputError: The part lacks something that its kind must have; all of it is named.
    """
    if name not in names(kind):
        raise unknown(kind, name)
    part = _imported(kind, name, _module(kind, name))
    contract = _contract(kind)
    if contract:
        importlib.import_module(contract).check(name, part)
    return part


def load_beside(kind: str, name: str, module: str) -> ModuleType:
    """Import a module that stands beside the entry of a part that is a folder, as ``options``.

    Where there is none, the part itself is imported; errors as in `load`.
    """
    if name not in names(kind):
        raise unknown(kind, name)
    folder, _, entry = _module(kind, name).rpartition(".")
    place = f"{folder}.{module}"
    if entry == ENTRIES.get(kind) and folder and _source(place) is not None:
        return _imported(kind, name, place)
    return load(kind, name)


def _imported(kind: str, name: str, place: str) -> ModuleType:
    """A module of a part; a package that it needs and that is not there is named."""
    try:
        part = importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == ROOT:
            raise
        if error.name and f"{place}.".startswith(f"{error.name}."):
            raise _nowhere(kind, name) from error
        raise _missing(kind, name, str(error.name), _packages(place)) from error
    for package, line in getattr(part, PACKAGES, {}).items():
        if find_spec(package) is None:
            raise _missing(kind, name, package, {package: line})
    return part


def match(kind: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Names that match any shell-style pattern; a pattern that matches nothing is refused.

    Example:
        >>> match("corruptions", ("image/s*_noise", "text/case"))
        ('image/shot_noise', 'image/speckle_noise', 'text/case')
    """
    matches: dict[str, None] = {}
    for pattern in patterns:
        hits = [name for name in names(kind) if fnmatchcase(name, pattern)]
        if not hits:
            raise unknown(kind, pattern)
        matches |= dict.fromkeys(hits)
    return tuple(matches)


def unknown(kind: str, name: str) -> UsageError:
    """The refusal of a name that no part has, with the names that are close to it."""
    return UsageError(
        f"there is no {name!r} in {kind}", fix=close(name, names(kind)) or f"mmaudit list {kind}"
    )


def close(name: str, names: tuple[str, ...]) -> str:
    """Up to three of some names that are like this one, as ``a or b or c``; empty if none is.

    Example:
        >>> close("gausian_noise", ("gaussian_noise", "shot_noise", "fog"))
        'gaussian_noise or shot_noise'
    """
    return " or ".join(difflib.get_close_matches(name, names, n=3, cutoff=0.5))


@cache
def _contract(kind: str) -> str | None:
    """The module that says what the parts of a kind must have."""
    steps = kind.split("/")
    for depth in range(len(steps), 0, -1):
        if files(ROOT).joinpath(*steps[:depth], "base.py").is_file():
            return ".".join((ROOT, *steps[:depth], "base"))
    return None


def _missing(kind: str, name: str, package: str, lines: Mapping[str, str]) -> MissingError:
    top = package.partition(".")[0]
    fix = lines.get(package) or lines.get(top) or install_line(top)
    return MissingError(f"{kind} {name!r} needs the package {package!r}", fix=fix)


def _nowhere(kind: str, name: str) -> InputError:
    return InputError(
        f"{kind} {name!r} has no module {_module(kind, name)!r}",
        where=f"the entry point {kind}/{name}",
        fix="mend the entry point, or install the package that adds it again",
    )


def _source(module: str) -> str | None:
    """The source of a module, which is not imported; None if there is no such module."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).read_text("utf-8")


def _packages(module: str) -> dict[str, str]:
    """What a part that cannot be imported says that it needs, read from its source."""
    for node in ast.parse(_source(module) or "").body:
        if isinstance(node, ast.Assign) and PACKAGES in {
            getattr(t, "id", "") for t in node.targets
        }:
            return dict(ast.literal_eval(node.value))
    return {}


@cache
def _points() -> tuple[EntryPoint, ...]:
    """What other packages add; to look through all that is installed takes a while."""
    return tuple(entry_points(group=GROUP))


def _module(kind: str, name: str) -> str:
    module = foreign(kind).get(name)
    if module:
        return module
    path, entry = f"{kind}/{name}", ENTRIES.get(kind)
    if entry and files(ROOT).joinpath(path, f"{entry}.py").is_file():
        path = f"{path}/{entry}"
    return f"{ROOT}.{path.replace('/', '.')}"
