"""Find pairs that do not belong together, and how many there are, with error rates."""

from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from mmaudit.cli.flags import audit_command

FILTERED = Annotated[
    Path | None, typer.Option(help="also write the dataset without the flagged pairs here")
]
ask = audit_command("noisy_pairs")


def command(**given: Any) -> None:
    """Run the audit, and write the cleaned dataset if asked."""
    from mmaudit.runs.filter import filtered, free

    out = given.pop("filtered")
    if out is not None:
        free(out, Path(given["out"]))
    ask(**given)
    if out is not None:
        made = filtered(given["out"], given["dataset"], out, workers=given["workers"])
        typer.echo(f"filtered: {made}")


asked = [
    *signature(ask).parameters.values(),
    Parameter("filtered", Parameter.KEYWORD_ONLY, default=None, annotation=FILTERED),
]
command.__signature__ = signature(ask).replace(parameters=asked)  # type: ignore[attr-defined]
command.__annotations__ = {p.name: p.annotation for p in asked}
command.__doc__ = ask.__doc__
