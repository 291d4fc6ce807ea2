"""The command tree. A file in ``cli/commands`` is a command; listing them imports none of them."""

from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from mmaudit import __version__, parts

KIND = "cli/commands"
PLAIN: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


class Lazy(TyperCommand):
    """A command's place in the tree: name and summary now, options when it is used."""

    def __init__(self, part: str) -> None:
        super().__init__(part.replace("_", "-"), help=parts.summary(KIND, part))
        self.part = part

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Build the real command and let it read the command line."""
        one = typer.Typer(add_completion=False, **PLAIN)
        one.command(self.name)(parts.load(KIND, self.part).command)
        return typer.main.get_command(one).make_context(*args, **kwargs)


app = typer.Typer(
    name="mmaudit",
    help="Audit multimodal datasets, and the models trained on them, under low-quality data.",
    no_args_is_help=True,
    **PLAIN,
)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Audit multimodal datasets, and the models trained on them, under low-quality data."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def build() -> TyperGroup:
    """The whole tree: one command for each file."""
    group = cast("TyperGroup", typer.main.get_command(app))
    for part in parts.names(KIND):
        group.add_command(Lazy(part))
    return group
