"""One file of several modules: every definition that some need, in order, without their imports.

What is compiled in mmaudit has a plain stand-in.
"""

import builtins
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mmaudit.audits.remedies.recipe.sources import (
    Definition,
    ModuleSource,
    attributes_of,
    locals_of,
    names_of,
    renamed,
    source,
    text_of,
)
from mmaudit.errors import InputError

ROOT = "mmaudit"
LIBRARIES = ("numpy", "torch")  # what a recipe may import beside the standard library
WIDTH = 100  # letters of a line
RULE = "-" * 96
STAND_INS = {
    Definition("mmaudit.seeds", "fill"): Definition("mmaudit.remedies.plain", "fill"),
    Definition("mmaudit.remedies.optimiser", "_step"): Definition(
        "mmaudit.remedies.plain", "adam_step"
    ),
}
Texts = dict[Definition, str]


@dataclass(frozen=True, slots=True)
class Assembly:
    """Definitions as one file has them.

    Attributes:
        imports: Lines that import libraries.
        text: The definitions.
        names: What each is called there.
    """

    imports: str
    text: str
    names: dict[Definition, str]


def assembled(roots: Sequence[Definition]) -> Assembly:
    """The definitions that some need, with all that these need.

    Args:
        roots: Those that are needed.

    Raises:
        InputError: One needs another library than a recipe may import, or has no source.
    """
    own = _Packages((ROOT, *(root.module.partition(".")[0] for root in roots)))
    texts, libraries = own.closure(roots)
    order = own.ordered(texts)
    names = _names(order, frozenset[str]().union(*map(locals_of, texts.values())))
    first: dict[int, Definition] = {}
    for place in order:
        first.setdefault(id(place.statement), place)
    parts = [(p.module, _called(p, texts[p], names, own)) for p in first.values()]
    return Assembly(_imports(libraries), _joined(parts), names)


@dataclass(frozen=True, slots=True)
class _Packages:
    """Packages whose sources are taken over; all others are libraries."""

    names: tuple[str, ...]

    def have(self, module: str) -> bool:
        """Whether a module is of one of them."""
        return module.partition(".")[0] in self.names

    def closure(self, roots: Sequence[Definition]) -> tuple[Texts, dict[str, Definition]]:
        """Text of every definition, and the library that each further name is from.

        A method of a class is needed where anything has an attribute of its name.
        """
        attributes, places, before = set[str](), dict.fromkeys(roots), -1
        texts, libraries = Texts(), dict[str, Definition]()
        while before != len(attributes) + len(places):
            before = len(attributes) + len(places)
            texts = {p: text_of(source(p.module), p.name, attributes) for p in places}
            libraries = {}
            for place, text in texts.items():
                attributes |= attributes_of(text)
                places.update(dict.fromkeys(place.beside))
                for name, at in self.links(place, text):
                    if self.have(at.module):
                        places[at] = None
                    else:
                        libraries[name] = _library(at, place)
        return texts, libraries

    def links(self, place: Definition, text: str) -> Iterator[tuple[str, Definition]]:
        """Where each name that a definition looks up is defined."""
        for name in sorted(names_of(text)):
            at = self._resolved(source(place.module), name)
            if at is not None and at != place:
                yield name, at

    def _resolved(self, module: ModuleSource, name: str) -> Definition | None:
        """The place of a name, through imports of imports; None for what Python has itself."""
        at = Definition(module.name, name)
        if name in module.definitions:
            return STAND_INS.get(at, at)
        if name not in module.imports:
            if hasattr(builtins, name):
                return None
            raise InputError(f"{module.name} does not define {name!r}", fix="a whole method")
        at = module.imports[name]
        if not self.have(at.module):
            return at
        if not at.name:
            raise InputError(f"{module.name} imports {at.module} whole", fix="names of it")
        return self._resolved(source(at.module), at.name)

    def ordered(self, places: Iterable[Definition]) -> list[Definition]:
        """What others import first; within a module as it stands there."""
        ranks: dict[str, int] = {}
        for place in places:
            self._visit(place.module, ranks)
        return sorted(places, key=lambda p: (ranks[p.module], p.statement.lineno, p.name))

    def _visit(self, module: str, ranks: dict[str, int]) -> None:
        """Number a module behind all that it imports."""
        if module in ranks:
            return
        for at in source(module).imports.values():
            if at.module != ROOT and self.have(at.module):
                self._visit(at.module, ranks)
        ranks[module] = len(ranks)


def _library(at: Definition, place: Definition) -> Definition:
    top = at.module.partition(".")[0]
    if top not in LIBRARIES and top not in sys.stdlib_module_names:
        raise InputError(
            f"{place.module} needs {top}", fix="a method of numpy, torch and the standard library"
        )
    return at


def _names(places: Iterable[Definition], inside: frozenset[str]) -> dict[Definition, str]:
    """What each place is called: a name that another one has goes with that of its module.

    Args:
        places: The places, in their order.
        inside: Names that functions have for their own, which would hide a new one.
    """
    names: dict[Definition, str] = {}
    for place in places:
        name = place.name
        while name in names.values() or (name != place.name and name in inside):
            name = f"{place.stem.upper()}_{name}" if name.isupper() else f"{name}_of_{place.stem}"
        names[place] = name
    return names


def _called(place: Definition, text: str, names: dict[Definition, str], own: _Packages) -> str:
    """The text of a definition with the names that things have in the one file."""
    new = {name: names[at] for name, at in own.links(place, text) if names.get(at, name) != name}
    new |= {one.name: names[one] for one in place.beside if names[one] != one.name}
    return renamed(text, new) if new else text


def _imports(libraries: dict[str, Definition]) -> str:
    """Lines of imports, those of the standard library first."""
    whole, some = set[str](), defaultdict[str, set[str]](set)
    for name, at in libraries.items():
        called = at.name or at.module
        as_ = called if name == called else f"{called} as {name}"
        if at.name:
            some[at.module].add(as_)
        else:
            whole.add(as_)
    lines = [f"import {one}" for one in sorted(whole)]
    lines += [_import(module, sorted(names)) for module, names in sorted(some.items())]
    groups = (list[str](), list[str]())
    for line in lines:
        groups[line.split()[1].partition(".")[0] in LIBRARIES].append(line)
    return "\n\n".join("\n".join(group) for group in groups if group)


def _import(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _joined(texts: Sequence[tuple[str, str]]) -> str:
    """Definitions one after the other, those of each module under what it is about."""
    blocks, before = list[str](), ("", False)
    for module, text in texts:
        plain = not text.startswith(("def ", "class ", "@"))
        if module != before[0]:
            blocks.append(f"\n\n\n# {RULE}\n# {source(module).about}\n# {RULE}\n")
            blocks.append("\n" if plain else "\n\n")
        else:
            blocks.append("\n" if plain and before[1] else "\n\n\n")
        blocks.append(text)
        before = (module, plain)
    return "".join(blocks).lstrip("\n")
