"""The stub of the package: what an editor and a type checker know of ``import mmaudit as mm``.

Functions that are made from options have no signature in the source, so their signatures are
written out here; every other public name leads to its source.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import mmaudit
from mmaudit import parts

PREFIXES = re.compile(r"\b(?:typing|pathlib|mmaudit(?:\.\w+)+)\.")
PATH = re.compile(r"(?<!str \| )\bPath\b")  # texts are taken as well
SEVERAL = re.compile(r"\btuple\[([^\[\]]+), \.\.\.\]")  # lists are taken as well, and one alone
HEAD = """\
# Made by `make docs` from the options of the audits: to be compared, not edited.
from pathlib import Path
from typing import Literal

from mmaudit.injection.run import CorruptedCopy as CorruptedCopy
"""


def stub() -> str:
    """The text of ``mmaudit/__init__.pyi``."""
    public = [name for name in mmaudit.__all__ if name not in parts.foreign("audits")]
    functions = {n: getattr(mmaudit, n) for n in public if is_made(getattr(mmaudit, n))}
    imports = (_import(name) for name in sorted(set(mmaudit.HOMES) - set(functions)))
    names = "".join(f'    "{name}",\n' for name in public)
    return (
        f'"""{mmaudit.__doc__}"""\n\n{HEAD}{"".join(imports)}\n'
        f"__version__: str\nHOMES: dict[str, str]\n__all__ = [\n{names}]\n"
        + "".join("".join(_definition(n, f)) for n, f in functions.items())
    )


def is_made(value: object) -> bool:
    """Whether a function has a signature that its source does not show."""
    return inspect.isfunction(value) and hasattr(value, "__signature__")


def _import(name: str) -> str:
    module, _, attribute = mmaudit.HOMES[name].partition(":")
    return f"from {module} import {attribute} as {name}\n"


def _definition(name: str, function: Callable[..., Any]) -> Iterator[str]:
    signature = inspect.signature(function)
    yield f"\ndef {name}(\n"
    star = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            star = True
            yield "    *,\n"
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        yield f"    {parameter.name}: {spelled(parameter.annotation)}{default},\n"
    yield f") -> {spelled(signature.return_annotation)}:\n"
    doc = (inspect.getdoc(function) or "").splitlines()
    body = "\n".join(f"    {line}".rstrip() for line in doc[1:])
    yield f'    """{doc[0]}\n{body}\n    """\n'


def spelled(annotation: Any) -> str:
    """A type as the stub writes it; what takes several values takes a list or one of them."""
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    if "[" in str(annotation):
        text = str(annotation)
    text = PATH.sub("str | Path", PREFIXES.sub("", text))
    return SEVERAL.sub(r"tuple[\1, ...] | list[\1] | \1", text)
