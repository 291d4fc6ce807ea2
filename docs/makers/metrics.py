"""Metrics: tables of what they mean, from what is declared beside their formulas."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import get_args

from makers.markdown import code, inline, table
from makers.source import Module
from mmaudit import parts
from mmaudit.measures.tasks.base import Task
from mmaudit.rows import Metric

METRICS, DERIVED = "METRICS", "DERIVED"
BETTER = {"higher": "↑", "lower": "↓", "neither": ""}
HEAD = ["metric", "what it says", "unit", "better"]


def of_module(module: Module) -> str:
    """The metrics that a module declares; empty where it declares none."""
    if not module.assigns(METRICS):
        return ""
    return table(HEAD, _rows(getattr(import_module(f"mmaudit.{module.name}"), METRICS)))


def of_audit(name: str) -> Iterator[str]:
    """The metrics of an audit, and what derives from each, from its module ``metrics``."""
    module = parts.load_beside("audits", name, "metrics")
    metrics = getattr(module, METRICS, None)
    if metrics is None and not hasattr(module, "declared"):
        return
    if metrics is None:
        metrics = {m: says for task in get_args(Task) for m, says in module.declared(task).items()}
    yield "## Metrics"
    yield table(HEAD, _rows(metrics))
    derived = getattr(module, DERIVED, {})
    if derived:
        yield "Of each of these there may be further ones, named for it:"
        rows = ([code(f"METRIC{end}"), inline(says.phrase)] for end, says in derived.items())
        yield table(["metric", "what it says of the other one"], rows)


def _rows(metrics: Mapping[str, Metric]) -> Iterator[list[str]]:
    for name, metric in metrics.items():
        yield [code(name), inline(metric.help), metric.unit, BETTER[metric.better]]
