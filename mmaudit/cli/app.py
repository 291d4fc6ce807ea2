"""The command tree: a file in ``cli/commands`` is a command, and so is every audit.

Listing them imports none of them.
"""

from collections.abc import Callable
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from mmaudit import parts
from mmaudit.cli import last_word
from mmaudit.streams import abandoned
from mmaudit.version import VERSION

COMMANDS, AUDITS = "cli/commands", "audits"  # where a name is both, it is the command's
ALONE = "ALONE"  # what a command has that neither opens what others wrote nor runs it
NOBODY_READS = 141  # as shells tell the signal of a closed pipe
PLAIN: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


class Tree(TyperGroup):
    """The commands. One that ends early, or has no reader, gives no answer."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for.

        Typer takes an `EOFError` for a person at a prompt, of which there is none here, and any
        broken pipe for stdout, and ends with 1 then: 1 means that the answer is no. A command that
        returns has given its answer on stdout alone, and needs a reader; one that leaves it on
        disk ends by ``typer.Exit``, whoever reads.
        """
        try:
            answer = super().invoke(ctx)
        except (EOFError, BrokenPipeError, SystemExit) as error:
            raise RuntimeError(f"the command ended early: {error!r}") from error
        except KeyboardInterrupt as stop:  # typer knows one signal, and says nothing
            raise typer.Exit(last_word(stop)) from stop
        if abandoned():
            raise typer.Exit(NOBODY_READS)
        return answer


class Lazy(TyperCommand):
    """A command's place in the tree: name and summary now, options when it is used."""

    def __init__(self, kind: str, part: str) -> None:
        super().__init__(part.replace("_", "-"), help=parts.summary(kind, part))
        self.kind, self.part = kind, part

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Build the real command and let it read the command line."""
        one = typer.Typer(add_completion=False, **PLAIN)
        one.command(self.name)(self._function())
        context = typer.main.get_command(one).make_context(*args, **kwargs)
        if context.obj and not self._works_alone():
            from mmaudit.cli.supervisor import supervise

            code = supervise()
            if code is not None:
                raise typer.Exit(code)
        return context

    def _works_alone(self) -> bool:
        """Whether nothing that it does can end its process unseen."""
        return self.kind == COMMANDS and hasattr(parts.load(COMMANDS, self.part), ALONE)

    def _function(self) -> Callable[..., None]:
        """What the command does, with its flags as parameters."""
        if self.kind == COMMANDS:
            return cast("Callable[..., None]", parts.load(COMMANDS, self.part).command)
        from mmaudit.cli.audits import audit_command

        return audit_command(self.part)


app = typer.Typer(
    name="mmaudit",
    cls=Tree,
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
        typer.echo(VERSION)
        raise typer.Exit


def build() -> TyperGroup:
    """The whole tree: one command for each file of commands and for each audit."""
    group = cast("TyperGroup", typer.main.get_command(app))
    kinds = {part: kind for kind in (AUDITS, COMMANDS) for part in parts.names(kind)}
    for part in sorted(kinds):
        group.add_command(Lazy(kinds[part], part))
    return group
