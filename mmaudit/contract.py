"""Contracts: what a part must have to be one of its kind, read from the Protocol of the kind.

The members of the Protocol are the questions: a part has each of them, a value has the declared
type, and a function can be called as declared.
"""

import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mmaudit.errors import InputError


def check(kind: str, name: str, part: object, protocol: type) -> None:
    """Refuse a part that lacks a member of its kind's Protocol, or has another thing there.

    Args:
        kind: Kind of part, as ``manifest/readers``.
        name: Name of the part.
        part: Its module.
        protocol: The Protocol of the kind.

    Raises:
        InputError: It lacks something; everything that it lacks is named.
    """
    refuse(kind, name, part, list(lacks(part, protocol)), place(protocol))


def refuse(kind: str, name: str, part: object, lacking: list[str], where: str) -> None:
    """Refuse a part if it lacks anything.

    Args:
        kind: Kind of part.
        name: Name of the part.
        part: Its module.
        lacking: What it lacks, each as a phrase.
        where: Where the contract of the kind is written.

    Raises:
        InputError: Something is lacking.
    """
    if lacking:
        raise InputError(
            f"{kind} {name!r} lacks {'; and '.join(lacking)}",
            where=getattr(part, "__file__", None) or str(part),
            fix=f"add it as {where} says",
        )


def lacks_constant(part: object, name: str, kind: type) -> list[str]:
    """What a part lacks whose constant of a name is not of a class; empty where it is."""
    own = getattr(part, name, None)
    return [] if isinstance(own, kind) else [other(name, kind, own)]


def other(name: str, kind: type, value: object) -> str:
    """That a part has another thing in the place of one of a class, as a phrase."""
    return f"{name}, a {kind.__name__}, and has {value!r}"


def place(item: type) -> str:
    """Where a class is written, for people: ``mmaudit.models.base.Adapter``."""
    return f"{item.__module__}.{item.__qualname__}"


def lacks(part: object, protocol: type) -> Iterator[str]:
    """What a part lacks of a Protocol, each as a phrase."""
    for name, hint in get_type_hints(protocol).items():
        shown = getattr(hint, "__name__", "") if get_origin(hint) is None else ""
        if not hasattr(part, name):
            yield f"{name}, of type {shown or hint}"
        elif not fits(getattr(part, name), hint):
            yield f"{name} of type {shown or hint}, and has {getattr(part, name)!r}"
    for name, function in inspect.getmembers(protocol, inspect.isfunction):
        if not name.startswith("_"):
            yield from _lacks_function(part, name, function)


def _lacks_function(part: object, name: str, function: Callable[..., Any]) -> Iterator[str]:
    signature = inspect.signature(function)
    wanted = list(signature.parameters.values())[1:]  # without self
    shown = f"{name}({', '.join(_shown(wanted))})"
    own = getattr(part, name, None)
    if own is None:
        yield f"the function {shown}"
    elif not callable(own):
        yield f"the function {shown}, and has {own!r}"
    elif not _takes(own, wanted):
        yield f"the function {shown}, and has {name}{inspect.signature(own)}"


def _shown(parameters: list[inspect.Parameter]) -> Iterator[str]:
    names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    yield from names
    if keywords:
        yield from ("*", *keywords)


def _takes(own: Callable[..., Any], wanted: list[inspect.Parameter]) -> bool:
    """Whether a function can be called with the parameters of the contract."""
    plain = [None for p in wanted if p.kind is not p.KEYWORD_ONLY]
    keywords = {p.name: None for p in wanted if p.kind is p.KEYWORD_ONLY}
    try:
        inspect.signature(own).bind(*plain, **keywords)
    except TypeError:
        return False
    except ValueError:  # a function of a compiled module that does not say what it takes
        return True
    return True


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of a declared type, as far as that can be seen from outside."""
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in {Union, types.UnionType}:
        return any(fits(value, arg) for arg in args)
    if origin is Literal:
        return value in args
    if origin is tuple and args and args[-1] is Ellipsis:
        return isinstance(value, tuple) and all(fits(each, args[0]) for each in value)
    kind = origin or hint
    return isinstance(value, kind) if isinstance(kind, type) else True
