"""From an audit's options to its command: every field is one flag."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from inspect import Parameter, Signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer

from mmaudit import parts
from mmaudit.errors import UsageError

DATASET = Annotated[str, typer.Argument(help="A manifest, or a data path to infer one from.")]
Action = Callable[[str, Any, Any], None]
EXAMPLES = {"out": "RUN", "model": "ADAPTER:WHERE, as python:model.py:factory"}
OUT = Annotated[Path | None, typer.Option(help="Run directory.")]
MODEL = Annotated[str | None, typer.Option(help="Model to audit, as ADAPTER:WHERE.")]
TRUST = Annotated[bool, typer.Option("--trust", help="Open model files that can run code.")]
SHA256 = Annotated[str | None, typer.Option(help="Digest that the model file must have.")]
JSON = Annotated[bool, typer.Option("--json", help="Print the summary's rows as JSON.")]


def audit_command(name: str, **more: tuple[Any, Action]) -> Callable[..., None]:
    """The command of one audit: its options as flags, then the same function as in Python.

    Args:
        name: Name of the audit.
        **more: Further flags that, when given, do something else with the same options: the
            flag's annotation, and a function of ``(dataset, value, options)``. The model and the
            run directory are then not needed.
    """
    part = parts.load("audits", name)
    hints = get_type_hints(part.Options)
    plural = {f.name for f in fields(part.Options) if get_origin(hints[f.name]) is tuple}

    def command(**given: Any) -> None:
        from mmaudit.cli.output import show
        from mmaudit.options import make
        from mmaudit.runs.api import function

        as_json = given.pop("json")
        for key in plural:
            given[key] = split(key, given[key], get_args(hints[key])[0])
        for key, (_, act) in more.items():
            value = given.pop(key)
            if value is not None:
                told = {f.name: given[f.name] for f in fields(part.Options)}
                act(given["dataset"], value, make(part.Options, told))
                return
        _demand(given, tuple(access.keys() & {"out", "model"}))
        show(function(name)(given.pop("dataset"), given.pop("model", None), **given), name, as_json)

    access: dict[str, tuple[Any, Any]] = {"out": (OUT, None)}
    if part.NEEDS_MODEL:
        access = {
            "model": (MODEL, None),
            **access,
            "trust": (TRUST, False),
            "sha256": (SHA256, None),
        }
    access |= {key: (hint, None) for key, (hint, _) in more.items()}
    signature = [
        Parameter("dataset", Parameter.KEYWORD_ONLY, annotation=DATASET),
        *(_parameter(f, hints[f.name]) for f in fields(part.Options)),
        *(
            Parameter(key, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for key, (hint, default) in access.items()
        ),
        Parameter("json", Parameter.KEYWORD_ONLY, default=False, annotation=JSON),
    ]
    command.__signature__ = Signature(signature)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in signature}
    command.__doc__ = part.__doc__
    return command


def _demand(given: Mapping[str, Any], needed: tuple[str, ...]) -> None:
    lacking = sorted(key for key in needed if given[key] is None)
    if lacking:
        raise UsageError(f"--{lacking[0]} is missing", fix=f"--{lacking[0]} {EXAMPLES[lacking[0]]}")


def split(name: str, given: list[str], type: Any) -> tuple[Any, ...]:
    """The values of a flag that may be repeated or hold several values joined by commas."""
    values = [v.strip() for text in given for v in text.split(",") if v.strip()]
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


def _parameter(field: Field[Any], hint: Any) -> Parameter:
    told = field.metadata["help"]
    if get_origin(hint) is tuple:
        default = [] if field.default is MISSING else [",".join(map(str, field.default))]
        shown = Annotated[list[str], typer.Option(help=f"{told} (comma-separated or repeated)")]
        return Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=shown)
    declared = () if hint is not bool else (f"--{field.name.replace('_', '-')}",)
    return Parameter(
        field.name,
        Parameter.KEYWORD_ONLY,
        default=Parameter.empty if field.default is MISSING else field.default,
        annotation=Annotated[_plain(hint), typer.Option(*declared, help=told)],
    )


def _plain(hint: Any) -> Any:
    """What typer can parse: an optional value keeps its type."""
    if get_origin(hint) in {Union, UnionType}:
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return inner | None
    return hint
