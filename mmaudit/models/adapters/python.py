"""The user's own Python code: a function that returns a model, in a file or a module."""

import importlib
import inspect
import sys
import warnings
from collections.abc import Callable
from hashlib import sha256
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from mmaudit import parts
from mmaudit.errors import InputError, MissingError, UsageError
from mmaudit.models.base import Model, Request
from mmaudit.models.calls.prepared import prepared
from mmaudit.models.calls.quiet import quiet
from mmaudit.models.device import only_cpu, torch_device
from mmaudit.models.options import EVERY, ModelOptions


def danger(request: Request) -> str:
    """Code that the person names is theirs to run; code that a file names is not."""
    return "a config file names Python code to run" if request.from_config else ""


def file(request: Request) -> Path | None:
    """The source file, found without importing anything; None for what has no source."""
    place, _ = _split(request)
    if place.endswith(".py"):
        return Path(place)
    source = _find(place)
    if source is None:
        raise MissingError(
            f"there is no module {place!r}", where=request.spec, fix="a .py file, or install it"
        )
    return Path(source.origin) if source.origin and source.has_location else None


def root(request: Request) -> Path:
    """The folder that imports are looked for in: that of the file, or the working folder."""
    place, _ = _split(request)
    return Path(place).parent if place.endswith(".py") else Path()


def load(request: Request) -> Model:
    """Call the factory.

    It is called with ``device="cpu"`` or ``"cuda"`` where it has such a parameter, with the
    options of the spec as text where it has parameters of those names, and with nothing else;
    options of `mmaudit.models.options` that it has no parameter for are of the model that it makes.

    Raises:
        UsageError: It has no parameter for an option, or no ``device`` for the device asked for.
        InputError: There is no such function, or what it returns is not a model.
        MissingError: The file, or a package that it imports, is not here.
    """
    place, name = _split(request)
    module = _file(Path(place)) if place.endswith(".py") else _module(place)
    make = getattr(module, name, None)
    if not callable(make):
        names = tuple(n for n, value in vars(module).items() if callable(value))
        raise InputError(
            f"{place} has no function {name!r}",
            where=request.spec,
            fix=parts.close(name, names) or f"def {name}(): return a model",
        )
    takes = inspect.signature(make).parameters
    said = ModelOptions.of(request, [name for name in takes if name != "device"])
    model = quiet(_call(make, request), request.spec)
    if said.said and not callable(getattr(model, "scores", None)):
        return model  # it is refused as no model
    return prepared(model, said, request.spec)


def _call(make: Callable[..., Any], request: Request) -> Any:
    signature = inspect.signature(make)
    takes = signature.parameters
    arguments = {k: v for k, v in request.options.items() if k in takes or k not in EVERY}
    if "device" in takes:
        arguments["device"] = torch_device(request.device)
    else:
        only_cpu(request.device, "a factory without a parameter device")
    try:
        signature.bind(**arguments)
    except TypeError as error:
        raise InputError(
            f"the factory cannot be called so: {error}",
            where=request.spec,
            fix="a factory that needs nothing but device, and options of the spec by name",
        ) from error
    return make(**arguments)


def _split(request: Request) -> tuple[str, str]:
    place, colon, name = request.where.rpartition(":")
    if not colon or not place or not name.isidentifier():
        raise UsageError(
            f"{request.where!r} names no function",
            fix="python:model.py:factory",
            where=request.spec,
        )
    return place, name


def _file(path: Path) -> ModuleType:
    """Import a file under a name of its own; what lies beside it can be imported by it."""
    path = path.resolve()
    if not path.is_file():
        raise MissingError(
            "there is no such Python file", where=str(path), fix="python:PATH.py:FUNCTION"
        )
    name = f"mmaudit_model_{sha256(str(path).encode()).hexdigest()[:12]}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError("Python cannot import this file", where=str(path), fix="a .py file")
    _compile(path)
    _see(str(path.parent))
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up there
    spec.loader.exec_module(module)
    return module


def _compile(path: Path) -> None:
    """Refuse a file that Python cannot compile and whose error does not say in which file it is.

    Those are null bytes, and what is nested too deeply; other errors of syntax come with a line.
    """
    source = path.read_bytes()
    try:
        with warnings.catch_warnings(action="ignore"):  # they come when it is imported
            compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, SyntaxError) and error.filename:
            raise
        line = source.partition(b"\0")[0].count(b"\n") + 1 if b"\0" in source else 1
        raise InputError(
            f"Python cannot compile this file: {error}", where=f"{path}:{line}", fix="mend it there"
        ) from error


def _module(name: str) -> ModuleType:
    _see(str(Path.cwd()))
    return importlib.import_module(name)


def _find(name: str) -> ModuleSpec | None:
    """Where a module is; unlike ``find_spec`` it does not import the packages above it."""
    _see(str(Path.cwd()))
    located: ModuleSpec | None = None
    path: list[str] | None = None
    pieces = name.split(".")
    for depth in range(1, len(pieces) + 1):
        full = ".".join(pieces[:depth])
        tried = (finder.find_spec(full, path) for finder in sys.meta_path)
        located = next((spec for spec in tried if spec is not None), None)
        if located is None:
            return None
        path = list(located.submodule_search_locations or [])
    return located


def _see(folder: str) -> None:
    """Let imports find a folder, last: nothing in it hides an installed package."""
    if folder not in sys.path:
        sys.path.append(folder)
