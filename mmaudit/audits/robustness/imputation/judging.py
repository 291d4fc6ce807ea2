"""Imputers that a sweep asked under are judged by what they fill in where values are there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mmaudit.audits.base import Outcome
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.options import Options
from mmaudit.audits.robustness.protocols import SUBSET
from mmaudit.inference.imputation.reconstruction import NAME, JudgedImputer, Subset, judge, table
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.recorded import table_of
from mmaudit.measures.balance.reconstruction import METRICS
from mmaudit.models.load import Loaded
from mmaudit.names import ALL
from mmaudit.samples.memory import budget


def with_imputation(
    make_row: Callable[..., Any],
    outcome: Outcome,
    options: Options,
    inputs: Inputs,
    loaded: Loaded,
    conditions: Sequence[Condition],
) -> Outcome:
    """The outcome with rows and a table of what each imputer fills in; as it is without one.

    Args:
        make_row: Builds a row of the summary from its fields.
        outcome: What was measured of the answers.
        options: How robustness was asked.
        inputs: The data.
        loaded: The model.
        conditions: The conditions; imputers are judged under subsets of modalities.
    """
    if not options.absent or table_of(loaded) is not None:
        return outcome
    by_name = {c.name: c for c in conditions if c.corruption == SUBSET and not c.crossed}
    subsets = [Subset(c.name, c.absent or options.absent[0], c.present) for c in by_name.values()]
    memory = budget(options.memory, options.workers)
    judged = judge(inputs, loaded, subsets, options.seed, memory, options.replicates)
    if not judged:
        return outcome
    return replace(
        outcome,
        rows=[*outcome.rows, *(row for one in judged for row in _rows(make_row, one, by_name))],
        metrics={**outcome.metrics, **METRICS},
        tables={**outcome.tables, NAME: table(judged)},
    )


def _rows(
    make_row: Callable[..., Any], one: JudgedImputer, conditions: Mapping[str, Condition]
) -> list[Any]:
    """A row for each number, whose modality is the one that was filled in."""
    condition = conditions[one.subset.condition]
    return [
        make_row(
            condition=condition.name,
            modality=one.modality,
            corruption=condition.corruption,
            severity=None,
            present=",".join(condition.present),
            slice=ALL,
            metric=metric,
            estimate=estimate,
        )
        for metric, estimate in one.numbers.items()
    ]
