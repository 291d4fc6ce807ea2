"""From options to flags: every field of an ``Options`` class is one flag, and is read back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from inspect import Parameter, Signature
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer

from mmaudit.errors import UsageError


def parameter(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:
    """One flag or argument of a command."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def signed(
    command: Callable[..., None], parameters: Iterable[Parameter], doc: str
) -> Callable[..., None]:
    """A command that takes these flags, with this text as its help."""
    parameters = list(parameters)
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = doc
    return command


def flags(kind: type[Any]) -> list[Parameter]:
    """The flags of an ``Options`` class, in the order of its fields."""
    hints = get_type_hints(kind)
    return [_flag(field, hints[field.name]) for field in fields(kind)]


def read(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The options among the values of a command line, those of several values taken apart.

    Raises:
        UsageError: One of several values is of another type.
    """
    hints = get_type_hints(kind)
    return {
        f.name: split(f.name, values[f.name], get_args(hints[f.name])[0])
        if get_origin(hints[f.name]) is tuple
        else values[f.name]
        for f in fields(kind)
    }


def split(name: str, texts: list[str], type: Any) -> tuple[Any, ...]:
    """The values of a flag that may be repeated or hold several values joined by commas.

    Args:
        name: Name of the option.
        texts: What was said each time.
        type: Type of one value.

    Raises:
        UsageError: A value is of another type.
    """
    values = [v.strip() for text in texts for v in text.split(",") if v.strip()]
    try:
        return tuple(_converted(v, type) for v in values)
    except ValueError as error:
        flag = f"--{name.replace('_', '-')}"
        raise UsageError(f"{flag} cannot be {error.args[0]}", fix=f"{flag} 1,3,5") from error


def _converted(value: str, type: Any) -> Any:
    """One value of a flag; of ``int | str`` a number where it is one."""
    if type == int | str:
        return int(value) if value.lstrip("-").isdigit() else value
    return type(value)


def _flag(field: Field[Any], hint: Any) -> Parameter:
    text = field.metadata["help"]
    if get_origin(hint) is tuple:
        joined = [] if field.default is MISSING else [",".join(map(str, field.default))]
        several = Annotated[list[str], typer.Option(help=f"{text} (comma-separated or repeated)")]
        return parameter(field.name, several, joined)
    flag = field.metadata.get("flag") or (field.name.replace("_", "-") if hint is bool else "")
    names = (f"--{flag}",) if flag else ()
    default = Parameter.empty if field.default is MISSING else field.default
    return parameter(field.name, Annotated[_plain(hint), typer.Option(*names, help=text)], default)


def _plain(hint: Any) -> Any:
    """What typer can parse: an optional value keeps its type."""
    if get_origin(hint) in {Union, UnionType}:
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return inner | None
    return hint
