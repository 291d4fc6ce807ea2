"""What every audit owes, asked about one run of it."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mmaudit import parts
from mmaudit.audits.declaration import KIND
from mmaudit.runs.api import function
from mmaudit.samples.dataset import Dataset
from mmaudit.tables import run as runs
from mmaudit.tables import store
from mmaudit.tables.run import Summary
from mmaudit.testing.measures import require_interval
from mmaudit.testing.questions import ask, require


@dataclass(frozen=True)
class AuditSubject:
    """An audit, what it is run on, and a folder to run it in."""

    name: str
    dataset: str | Path | Dataset
    model: object | None
    options: Mapping[str, Any]
    folder: Path

    @cached_property
    def summary(self) -> Summary:
        """The summary of its first run."""
        return self.run("first")

    def run(self, name: str, **options: Any) -> Summary:
        """Run it in a folder of its own, and read its summary."""
        out = self.folder / name
        audit = function(self.name)
        audit(self.dataset, self.model, out=out, quiet=True, **{**self.options, **options})
        return runs.read(out, self.name)


def check_audit(
    name: str,
    dataset: str | Path | Dataset,
    model: object | None = None,
    *,
    skip: Collection[str] = (),
    **options: Any,
) -> None:
    """Ask an audit what every audit owes; it is run three times.

    Does it say what it is, and what each of its columns means? Has its summary rows, and does it
    say what each metric of them means? Does every interval hold its value, within the bounds of
    the metric, with a width where there are several samples? Do the same samples give the same
    tables, byte for byte, with two workers too?

    Args:
        name: Name of the audit, as ``my_audit``.
        dataset: A manifest, a data path, or an opened dataset; small, but not of one sample.
        model: ``ADAPTER:WHERE``, or any object with ``modalities`` and ``scores``.
        skip: Names of questions that do not concern it.
        **options: The audit's options.

    Raises:
        ContractError: It fails a question, which is named.
    """
    with TemporaryDirectory() as folder:
        ask(name, AuditSubject(name, dataset, model, options, Path(folder)), QUESTIONS, skip)


def it_says_what_it_is_and_what_its_columns_mean(of: AuditSubject) -> None:
    """The first line of its docstring is a sentence; every column has a help."""
    summary = parts.summary(KIND, of.name)
    require(summary.endswith("."), f"the docstring begins with {summary!r}, no whole sentence")
    row = parts.load(KIND, of.name).Row
    names = [field.name for field in fields(row)]
    require({"metric", "estimate"} <= set(names), f"the columns {names} lack metric or estimate")
    for field in fields(row):
        require(field.metadata.get("help"), f"the column {field.name} has no help")


def its_summary_has_rows_and_says_how_it_was_made(of: AuditSubject) -> None:
    """A headline, the seed, and rows."""
    require(of.summary.rows, of.summary.absent or "no rows")
    origin = of.summary.origin
    require(origin is not None and origin.headline.endswith("."), "no headline, or no sentence")


def every_metric_is_declared(of: AuditSubject) -> None:
    """The summary says what each of its metrics means."""
    undeclared = [name for name in of.summary.metrics if name not in of.summary.meanings]
    require(not undeclared, f"nothing says what {', '.join(undeclared)} means")
    for name, metric in of.summary.meanings.items():
        require(metric.help, f"{name} has no help")


def an_interval_holds_its_value_and_has_a_width(of: AuditSubject) -> None:
    """Bounded numbers of several samples are never sure; open ends are no numbers."""
    for row in of.summary.rows:
        metric = of.summary.meanings[row["metric"]]
        estimate = runs.estimate(row["estimate"])
        keys = ", ".join(str(row[c]) for c in of.summary.columns if c != "estimate" and row[c])
        require(estimate is not None, f"{keys} has no number")
        if estimate is not None:
            bounded = math.isfinite(metric.low) and math.isfinite(metric.high)
            wide = bounded and not metric.exact and estimate.n > 1
            require_interval(keys, estimate, metric, wide=wide)


def the_same_samples_give_the_same_summary(of: AuditSubject) -> None:
    """Byte for byte, as its other tables of one file are."""
    _same(of.summary, of.run("again"))


def workers_change_nothing(of: AuditSubject) -> None:
    """Two workers make the same tables as one."""
    _same(of.summary, of.run("workers", workers=2))


def _same(one: Summary, other: Summary) -> None:
    for path in sorted(one.path.parent.glob("*.parquet")):
        there = other.path.parent / path.name
        require(there.exists(), f"{path.name} is not there again")
        same = store.read(path).equals(store.read(there), check_metadata=True)
        require(same and path.read_bytes() == there.read_bytes(), f"{path.name} differs")


QUESTIONS: tuple[Callable[[AuditSubject], None], ...] = (
    it_says_what_it_is_and_what_its_columns_mean,
    its_summary_has_rows_and_says_how_it_was_made,
    every_metric_is_declared,
    an_interval_holds_its_value_and_has_a_width,
    the_same_samples_give_the_same_summary,
    workers_change_nothing,
)
