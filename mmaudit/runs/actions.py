"""What an audit's command does beside the audit, as the audit declares it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from mmaudit.audits.declaration import Action, Common
from mmaudit.errors import UsageError
from mmaudit.options import make

Asks = Mapping[Action, Path]  # the folder that each action is to write


def instead(asks: Asks, dataset: str, kind: type[Common], options: Mapping[str, Any]) -> str | None:
    """Do what is asked for in place of the audit, if it is.

    Args:
        asks: The actions that were asked for, with their folders.
        dataset: A manifest or a data path.
        kind: The audit's ``Options``.
        options: The options by name.

    Returns:
        The line to print; None where the audit itself is asked for.
    """
    for action, folder in asks.items():
        if action.instead:
            return str(resolve_name(action.act)(dataset, folder, make(kind, options), None))
    return None


def check(asks: Asks, run: Path | None, shard: str | None = None) -> None:
    """Refuse, before the audit runs, what could not be done after it.

    Args:
        asks: The actions that were asked for, with their folders.
        run: The run directory.
        shard: The share of the units that is asked for; None for all of them.

    Raises:
        UsageError: One of the actions refuses its folder, or needs the answers of all units.
    """
    for action, folder in asks.items():
        if shard is not None:
            raise UsageError(
                "a shard has no answer from which another folder could be written",
                where=str(folder),
                fix="mmaudit merge RUN PART …, then the same without --shard, with --out RUN "
                "--resume",
            )
        if action.check:
            resolve_name(action.check)(folder, run)


def after(
    asks: Asks, dataset: str, kind: type[Common], options: Mapping[str, Any], run: Path | None
) -> Iterator[str]:
    """Do what is asked for with the finished run, and give the lines to print.

    Args:
        asks: The actions that were asked for, with their folders.
        dataset: A manifest or a data path.
        kind: The audit's ``Options``.
        options: The options by name.
        run: The run directory.
    """
    for action, folder in asks.items():
        yield str(resolve_name(action.act)(dataset, folder, make(kind, options), run))
