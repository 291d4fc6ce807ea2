"""The command of an audit, made from what the audit says of itself."""

from collections.abc import Callable
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any

import typer

from mmaudit import parts
from mmaudit.audits.declaration import KIND, Declaration, declaration
from mmaudit.cli.flags import flags, parameter, read, signed
from mmaudit.errors import UsageError
from mmaudit.options import naming_models

DATASET = Annotated[str, typer.Argument(help="A manifest, or a data path to infer one from.")]
EXAMPLES = {"out": "RUN", "model": "ADAPTER:WHERE, as python:model.py:factory"}
OUT = Annotated[Path | None, typer.Option(help="Run directory.")]
MODEL = Annotated[str | None, typer.Option(help="Model to audit, as ADAPTER:WHERE.")]
TRUST = Annotated[bool, typer.Option("--trust", help="Open model files that can run code.")]
SHA256 = Annotated[str | None, typer.Option(help="Digest that the model file must have.")]
JSON = Annotated[bool, typer.Option("--json", help="Print the summary's rows as JSON.")]


def audit_command(name: str) -> Callable[..., None]:
    """The command of one audit: its options as flags, then the same function as in Python."""
    says = declaration(name)

    def command(**values: Any) -> None:
        from mmaudit.cli.output import show, show_part
        from mmaudit.runs import actions
        from mmaudit.runs.api import function

        dataset, out = values["dataset"], values.get("out")
        asks = {says.actions[key]: values[key] for key in says.actions if values[key] is not None}
        options = read(says.options, values)
        if line := actions.instead(asks, dataset, says.options, options):
            typer.echo(line)
            return
        _require(values)
        actions.check(asks, out, options["shard"])
        access = {key: values[key] for key in ("out", "trust", "sha256") if key in values}
        run = function(name)(dataset, values.get("model"), **options, **access)
        (show if options["shard"] is None else show_part)(run, name, values["json"])
        for line in actions.after(asks, dataset, says.options, options, out):
            typer.echo(line)
        if not values["json"]:
            raise typer.Exit  # the tables are there, whoever reads

    return signed(command, _parameters(says), parts.docstring(KIND, name))


def _parameters(says: Declaration) -> list[Parameter]:
    """The flags of an audit's command, as its help shows them."""
    access = [parameter("out", OUT, None)]
    if says.needs_model:
        access = [parameter("model", MODEL, None), *access]
    if says.needs_model or naming_models(says.options):
        access += [parameter("trust", TRUST, default=False), parameter("sha256", SHA256, None)]
    folder = {
        key: Annotated[Path | None, typer.Option(help=action.help)]
        for key, action in says.actions.items()
    }
    return [
        parameter("dataset", DATASET),
        *flags(says.options),
        *access,
        *(parameter(key, annotation, None) for key, annotation in folder.items()),
        parameter("json", JSON, default=False),
    ]


def _require(values: dict[str, Any]) -> None:
    """Refuse a command line that lacks what an audit cannot do without."""
    lacking = [key for key in sorted(EXAMPLES) if key in values and values[key] is None]
    if lacking:
        raise UsageError(f"--{lacking[0]} is missing", fix=f"--{lacking[0]} {EXAMPLES[lacking[0]]}")
