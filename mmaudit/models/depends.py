"""Depends: what the answers of a model hang on beside its own file, for runs that go on.

Modules that a Python file imports from beside it are looked for in its source, and so are files
that it names. What is opened while the model is loaded is noted by Python itself; what native code
opens without asking Python, and no source names, a module says in a list ``FILES``.
"""

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from hashlib import file_digest
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from mmaudit.faults import HERE, LIBRARIES
from mmaudit.models.base import Request
from mmaudit.version import installed

FILES = "FILES"  # what a module calls the list of files that it reads, relative to it
NOTES = {".lock", ".log", ".pyc"}  # files that programs write by the way
NOT_DATA = NOTES | {".py", ".pyd", ".so"}
SYSTEM = tuple(Path(p) for p in ("/proc", "/sys", "/dev", "/etc", "/usr", "/run"))
LONGEST = 255  # characters of a text that can be the name of a file


@dataclass(frozen=True, slots=True)
class Needs:
    """What all models that were loaded in a time depend on.

    Attributes:
        files: sha256 by path, from the working folder where it lies in that.
        packages: Versions by the name of the distribution.
    """

    files: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)


_NEEDS: ContextVar[Needs | None] = ContextVar("_NEEDS", default=None)
_OPENED: ContextVar[list[str] | None] = ContextVar("_OPENED", default=None)


@contextmanager
def noted() -> Iterator[Needs]:
    """A time in which everything that is loaded notes what it depends on."""
    needs = Needs()
    token = _NEEDS.set(needs)
    try:
        yield needs
    finally:
        _NEEDS.reset(token)


@contextmanager
def loading(file: Path | None, adapter: Any, request: Request) -> Iterator[None]:
    """A time in which one model is loaded.

    Args:
        file: The file of the model, whose own digest is known.
        adapter: Its adapter, which may say what else answers depend on.
        request: How it was asked for.
    """
    needs = _NEEDS.get()
    if needs is None:
        yield
        return
    _listen()
    opened: list[str] = []
    token = _OPENED.set(opened)
    try:
        yield
    finally:
        _OPENED.reset(token)
    paths = {Path(name).resolve() for name in opened} | _there(request.options.values(), {Path()})
    libraries = {*getattr(adapter, "LIBRARIES", ())}
    if hasattr(adapter, "further"):
        paths |= {path.resolve() for path in adapter.further(request)}
    if file is not None and hasattr(adapter, "root"):
        sources, named, packages = code(file.resolve(), adapter.root(request).resolve())
        paths |= {*sources, *named}
        libraries |= _distributions(packages)
    paths -= {file.resolve()} if file is not None else set()
    needs.files.update((shown(path), _digest(path)) for path in sorted(paths) if _counts(path))
    needs.packages.update(installed(*libraries))


def shown(path: Path) -> str:
    """A path from the working folder, where it lies in that."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def code(file: Path, root: Path) -> tuple[set[Path], set[Path], set[str]]:
    """What a Python file imports from its folder, the files that this code names, and packages.

    Args:
        file: The file.
        root: The folder that absolute imports are looked for in.

    Returns:
        Modules beside it, itself among them; other files; top names of all other imports.
    """
    todo, sources, named, packages = [file], set[Path](), set[Path](), set[str]()
    while todo:
        path = todo.pop()
        if path in sources or not path.is_file():
            continue
        sources.add(path)
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # who imports it is told
        for place, name, level in _imports(tree, path.parent, root):
            local = _modules(place, name)
            todo += local
            packages |= set() if local or level else {name.partition(".")[0]}
        named |= _named(tree, {path.parent, root})
    data = {path for path in named - sources if path.suffix not in NOTES}
    return sources, data, packages


def _imports(tree: ast.AST, here: Path, root: Path) -> Iterator[tuple[Path, str, int]]:
    """Every import: the folder that it is looked for in, the dotted name, the level of dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((root, alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            place = here if node.level else root
            for _ in range(node.level - 1):
                place = place.parent
            stem = [node.module] if node.module else []
            names = [".".join([*stem, alias.name]) for alias in node.names]
            yield from ((place, name, node.level) for name in names)


def _modules(folder: Path, name: str) -> list[Path]:
    """The files of a dotted name in a folder, those of the packages above it included."""
    files: list[Path] = []
    for piece in name.split("."):
        module, package = folder / f"{piece}.py", folder / piece / "__init__.py"
        files += [p for p in (module, package) if p.is_file()]
        folder /= piece
    return files


def _named(tree: ast.Module, folders: set[Path]) -> set[Path]:
    """Files that texts of the source name, in folders, or in folders in them that it names.

    Where the module has a list ``FILES``, those and no others.
    """
    for node in tree.body:
        if isinstance(node, ast.Assign) and FILES in {getattr(t, "id", "") for t in node.targets}:
            return _there(_texts(node.value), folders)
    texts = set(_texts(tree))
    return _there(texts, folders | _there(texts, folders, folder=True))


def _texts(tree: ast.AST) -> list[str]:
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [t for t in texts if isinstance(t, str) and t.strip("./ ") and _is_name(t)]


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST and not {"\0", "\n"} & {*text}


def _there(texts: Iterable[str], folders: Iterable[Path], *, folder: bool = False) -> set[Path]:
    places = {place / text for place in folders for text in texts}
    try:
        return {p.resolve() for p in places if (p.is_dir() if folder else p.is_file())}
    except OSError:
        return set()


def _counts(path: Path) -> bool:
    """Whether a file is data of a model, and nothing of the system, a library or mmaudit."""
    inside = any(path.is_relative_to(folder) for folder in (*SYSTEM, *LIBRARIES, HERE))
    return path.is_file() and not inside


def _digest(path: Path) -> str:
    """sha256 of a file; empty where it cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _distributions(names: set[str]) -> set[str]:
    """The distributions that packages are of, as far as they are installed."""
    wanted = names - sys.stdlib_module_names
    return _having(frozenset(wanted)) if wanted else set()


@cache
def _having(packages: frozenset[str]) -> set[str]:
    """The distributions that have any of these packages, by their lists of files.

    `packages_distributions` makes a path of each file that is installed, .2 s where torch is.
    """
    names = "|".join(map(re.escape, sorted(packages)))
    module = re.compile(rf'^"?(?:{names})(?:/[^,\n]*)?\.py[",\n]', re.MULTILINE)

    def has(one: Distribution) -> bool:
        declared = (one.read_text("top_level.txt") or "").split()
        if declared:
            return not packages.isdisjoint(declared)
        files = one.read_text("RECORD") or "".join(f"{file}\n" for file in one.files or ())
        return module.search(files) is not None

    return {one.metadata["Name"] for one in distributions() if has(one)}


@cache
def _listen() -> None:
    """Have Python say what is opened; it cannot be asked to stop."""
    sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open":
        return
    opened = _OPENED.get()
    if opened is None:
        return
    name, mode, flags = arguments
    reads = not {*"wax+"} & {*mode} if isinstance(mode, str) else not flags & os.O_ACCMODE
    if reads and isinstance(name, str | bytes | os.PathLike):
        text = os.fsdecode(name)
        if Path(text).suffix not in NOT_DATA:
            opened.append(text)
