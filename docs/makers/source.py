"""Source: docstrings and signatures as they are written, read without importing a module."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from makers.markdown import WIDTH, block, prose

ROOT = Path(__file__).parents[2] / "mmaudit"
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the package, parsed.

    Attributes:
        name: Its name below ``mmaudit``, with dots.
        tree: Its source.
    """

    name: str
    tree: ast.Module

    @property
    def doc(self) -> str:
        """The whole docstring."""
        return ast.get_docstring(self.tree) or ""

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.partition("\n")[0]

    def public(self) -> Iterator[Definition]:
        """Functions and classes whose name does not begin with ``_``, in the order of the file."""
        for node in self.tree.body:
            if isinstance(node, Definition) and not node.name.startswith("_"):
                yield node

    def function(self, name: str) -> ast.FunctionDef:
        """A function by name."""
        return next(n for n in self.public() if isinstance(n, ast.FunctionDef) and n.name == name)

    def constant(self, name: str, default: Any = None) -> Any:
        """A literal that the module assigns to a name."""
        value = self._value(name)
        return default if value is None else ast.literal_eval(value)

    def assigns(self, name: str) -> bool:
        """Whether it assigns anything to a name."""
        return self._value(name) is not None

    def _value(self, name: str) -> ast.expr | None:
        for node in self.tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        return None


def read(name: str) -> Module:
    """A module by its name below ``mmaudit``, with dots or slashes."""
    path = ROOT.joinpath(*name.replace(".", "/").split("/"))
    file = path.with_suffix(".py")
    return Module(
        name.replace("/", "."),
        ast.parse((file if file.exists() else path / "__init__.py").read_text("utf-8")),
    )


def signature(node: Definition, name: str = "") -> str:
    """How it is called, a line a parameter where one line is too long."""
    name = name or node.name
    if isinstance(node, ast.ClassDef):
        inits = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        return signature(inits[0], name).removesuffix(" -> None") if inits else _fields(node, name)
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    parameters = [p for p in _parameters(node.args) if p not in {"self", "cls"}]
    return call(name, parameters, returns)


def _fields(node: ast.ClassDef, name: str) -> str:
    """A dataclass is called with its fields."""
    named = [
        n for n in node.body if isinstance(n, ast.AnnAssign) and "ClassVar" not in ast.unparse(n)
    ]
    fields = [ast.unparse(n) for n in named if not ast.unparse(n.target).startswith("_")]
    keywords = ["*"] if any("kw_only" in ast.unparse(d) for d in node.decorator_list) else []
    return (
        call(name, keywords + fields, "") if node.decorator_list and fields else _class(node, name)
    )


def _class(node: ast.ClassDef, name: str) -> str:
    """A class that is only told by what it is derived from."""
    bases = ", ".join(map(ast.unparse, node.bases))
    return f"class {name}({bases})" if bases else f"class {name}"


def call(name: str, parameters: list[str], returns: str) -> str:
    """One line, or a line a parameter where it is too long."""
    line = f"{name}({', '.join(parameters)}){returns}"
    if len(line) <= WIDTH - 4:
        return line
    return f"{name}(\n" + "".join(f"    {p},\n" for p in parameters) + f"){returns}"


def _parameters(args: ast.arguments) -> Iterator[str]:
    """Parameters as they are written, with ``*`` and ``/`` where these stand."""
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + [*args.defaults]
    for i, (arg, default) in enumerate(zip(plain, defaults, strict=True)):
        yield _parameter(arg, default)
        if args.posonlyargs and i + 1 == len(args.posonlyargs):
            yield "/"
    if args.vararg:
        yield f"*{ast.unparse(args.vararg)}"
    elif args.kwonlyargs:
        yield "*"
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(arg, default)
    if args.kwarg:
        yield f"**{ast.unparse(args.kwarg)}"


def _parameter(arg: ast.arg, default: ast.expr | None) -> str:
    if default is None:
        return ast.unparse(arg)
    return ast.unparse(arg) + (" = " if arg.annotation else "=") + ast.unparse(default)


def described(node: Definition, name: str = "", level: int = 3) -> Iterator[str]:
    """A heading, how it is called, and the docstring."""
    yield f"{'#' * level} {name or node.name}"
    yield block(signature(node, name), "python")
    yield prose(ast.get_docstring(node) or "")
