"""What an audit says of itself before it is imported: its options, and what else its command does.

An audit that is a folder says this in its ``options.py``, so that its help and its flags cost
nothing of what computes. An audit that is one module says it in the module.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mmaudit import parts
from mmaudit.errors import MMAuditError
from mmaudit.options import option
from mmaudit.rows import View

KIND = "audits"
MODULE = "options"
NO_ACTIONS: Mapping[str, "Action"] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options of every audit."""

    seed: int = option("seed of all randomness", default=0)
    split: str | None = option(
        "split to audit; 'all' for every row (default: test where there is one)", default=None
    )
    limit: int | None = option("use only this many samples, chosen by hash of the id", default=None)
    batch_size: int = option("samples a forward pass", default=256)
    device: Literal["auto", "cpu", "cuda"] = option("where the model runs", default="auto")
    workers: int | None = option(
        "units at a time (default: 1; with ray, one a core of the cluster)",
        default=None,
        changes_numbers=False,
    )
    engine: str = option("where units run: local or ray", default="local", changes_numbers=False)
    address: str | None = option(
        "Ray cluster to run units on, as auto or HOST:PORT (default: one of this machine, which "
        "ends with the command)",
        default=None,
        changes_numbers=False,
    )
    resume: bool = option(
        "go on from an interrupted run in the same folder", default=False, changes_numbers=False
    )
    shard: str | None = option(
        "only a share of the units, as 1/4 for the first of four; mmaudit merge joins the parts",
        default=None,
        changes_numbers=False,
    )
    timeout: float | None = option(
        "seconds that a model may take for a batch; then the run ends, and can be gone on with",
        default=None,
        changes_numbers=False,
    )
    memory: str | None = option(
        "memory that all workers may take for decoded samples, as 512MB (default: half of what "
        "there is)",
        default=None,
        changes_numbers=False,
    )
    max_skipped: int = option(
        "samples that may be unreadable before the run counts as incomplete",
        default=0,
        changes_numbers=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A further flag of an audit's command: a folder to write with the same options.

    Attributes:
        help: What it does, as ``--help`` shows it.
        act: Function that does it, as ``package.module:function``: it takes the dataset, the
            folder, the audit's options and the run directory, and returns the line to print.
        check: Function that refuses before the audit runs; it takes the folder and the run
            directory. Empty where there is nothing to refuse.
        instead: Whether it is done in place of the audit, which then needs neither a model nor a
            run directory.
    """

    help: str
    act: str
    check: str = ""
    instead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What an audit says of itself.

    Attributes:
        options: Its ``Options``.
        needs_model: Its ``NEEDS_MODEL``.
        actions: Its ``ACTIONS`` by flag, where it has some.
        trains: Its ``TRAINS``, where it has one: whether it trains on the training split.
        views: Its ``VIEWS``: how a report shows it; none for a table of every number.
    """

    options: type[Common]
    needs_model: bool
    actions: Mapping[str, Action]
    views: tuple[View, ...]
    trains: bool = False


def views() -> dict[str, tuple[View, ...]]:
    """How reports show the audits that are installed and can be loaded, by the audit's name."""
    every: dict[str, tuple[View, ...]] = {}
    for name in parts.names(KIND):
        with suppress(MMAuditError):  # what cannot be run here is no advice
            every[name] = declaration(name).views
    return every


def declaration(name: str) -> Declaration:
    """What an audit says of itself, read from as little of it as can be.

    Raises:
        UsageError: There is no such audit; the close matches are named.
        MissingError: It needs a package that is not installed.
    """
    module = parts.load_beside(KIND, name, MODULE)
    if not hasattr(module, "Options"):  # of another package, whose module of that name is its own
        module = parts.load(KIND, name)
    return Declaration(
        options=module.Options,
        needs_model=module.NEEDS_MODEL,
        actions=getattr(module, "ACTIONS", NO_ACTIONS),
        views=tuple(getattr(module, "VIEWS", ())),
        trains=getattr(module, "TRAINS", False),
    )
