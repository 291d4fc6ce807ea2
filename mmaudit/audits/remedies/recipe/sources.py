"""Sources that are read, not run: what a module defines, and where its names come from."""

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mmaudit.errors import InputError


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of a module.

    Attributes:
        module: The module.
        name: The name that it defines.
    """

    module: str
    name: str

    @property
    def stem(self) -> str:
        """Last part of the module's name, without a leading underscore."""
        return self.module.rpartition(".")[2].strip("_")

    @property
    def statement(self) -> ast.stmt:
        """The statement that defines it."""
        return source(self.module).definitions[self.name]

    @property
    def beside(self) -> "tuple[Definition, ...]":
        """All that its statement defines, itself among them."""
        every = source(self.module).definitions.items()
        return tuple(Definition(self.module, name) for name, at in every if at is self.statement)


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A module by its text.

    Attributes:
        name: Its name.
        about: What it is about, one line.
        lines: Its lines.
        definitions: The statement that defines each name.
        imports: Where each imported name is from; a module itself has no name there.
    """

    name: str
    about: str
    lines: tuple[str, ...]
    definitions: dict[str, ast.stmt]
    imports: dict[str, Definition]


@cache
def source(module: str) -> ModuleSource:
    """Read a module.

    Raises:
        InputError: It has no source that can be read.
    """
    spec = find_spec(module)
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        raise InputError(f"{module} has no source to read", fix="a method in a Python file")
    text = Path(spec.origin).read_text("utf-8")
    tree = ast.parse(text)
    imports = {name: place for node in tree.body for name, place in _imported(node)}
    definitions = {name: node for node in tree.body for name in _defined(node)}
    about = (ast.get_docstring(tree) or module).partition("\n")[0]
    return ModuleSource(module, about, tuple(text.splitlines()), definitions, imports)


def _imported(node: ast.stmt) -> Iterator[tuple[str, Definition]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], Definition(alias.name, "")
    if isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            yield alias.asname or alias.name, Definition(node.module, alias.name)


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Assign(targets=targets):
            every = (n for target in targets for n in ast.walk(target))
            yield from (n.id for n in every if isinstance(n, ast.Name))


def text_of(module: ModuleSource, name: str, attributes: set[str]) -> str:
    """The text of a definition; of a class without the methods whose names nobody uses.

    Args:
        module: Where it is defined.
        name: Its name.
        attributes: Names that are used as attributes; those between two underscores always are.
    """
    node = module.definitions[name]
    start, end = _span(node)
    out = list(module.lines[start:end])
    if isinstance(node, ast.ClassDef):
        idle = [m for m in node.body if isinstance(m, ast.FunctionDef) and _idle(m, attributes)]
        if len(idle) == len(node.body):
            del idle[0]  # a class needs something in it
        for method in reversed(idle):
            first, last = (at - start for at in _span(method))
            while not out[first - 1].strip():
                first -= 1
            del out[first:last]
    return "\n".join(out)


def _idle(method: ast.FunctionDef, attributes: set[str]) -> bool:
    return method.name not in attributes and not method.name.startswith("__")


def _span(node: ast.stmt) -> tuple[int, int]:
    """First line of a statement with its decorators, and the one after its last, from 0."""
    decorators = getattr(node, "decorator_list", [])
    return min(n.lineno for n in (node, *decorators)) - 1, node.end_lineno or node.lineno


@cache
def names_of(text: str) -> frozenset[str]:
    """Names that a definition looks up outside itself."""
    return frozenset(
        symbol.get_name()
        for table in _scopes(text)
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table.get_type() == "module" or symbol.is_global())
    )


@cache
def locals_of(text: str) -> frozenset[str]:
    """Names that a definition has for its own."""
    return frozenset(
        symbol.get_name()
        for table in _scopes(text)
        for symbol in table.get_symbols()
        if symbol.is_local() and table.get_type() != "module"
    )


def _scopes(text: str) -> Iterator[symtable.SymbolTable]:
    """All scopes of a text, its own first."""
    tables = [symtable.symtable(text, "recipe", "exec")]
    for table in tables:
        yield table
        tables += table.get_children()


@cache
def attributes_of(text: str) -> frozenset[str]:
    """Names that a definition uses as attributes."""
    nodes = ast.walk(ast.parse(text))
    return frozenset(node.attr for node in nodes if isinstance(node, ast.Attribute))


def renamed(text: str, names: dict[str, str]) -> str:
    """A definition in which names are others."""
    lines = [line.encode() for line in text.split("\n")]
    spots = [
        (node.lineno - 1, node.col_offset, node.id)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and node.id in names
    ]
    spots += [
        (node.lineno - 1, node.col_offset + len(word), node.name)
        for node in ast.parse(text).body
        for kind, word in ((ast.FunctionDef, "def "), (ast.ClassDef, "class "))
        if isinstance(node, kind) and node.name in names
    ]
    for row, column, name in sorted(spots, reverse=True):
        line = lines[row]
        lines[row] = line[:column] + names[name].encode() + line[column + len(name.encode()) :]
    return b"\n".join(lines).decode()
