"""From the contributions of all samples to the summary: estimates, flags, the odd samples."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.audits.base import Outcome, Read
from mmaudit.audits.contributions import columns
from mmaudit.audits.contributions.balance import balance_columns, balance_numbers
from mmaudit.audits.contributions.columns import Named
from mmaudit.audits.contributions.corrupted import every_cut
from mmaudit.audits.contributions.features import FeatureNumber
from mmaudit.audits.contributions.flags import Flag, answer_flags, compared_flag, game_flags
from mmaudit.audits.contributions.messages import (
    headline,
    nearest,
    of_all,
    of_the_data,
    of_the_pool,
    sensitivity,
    warnings,
)
from mmaudit.audits.contributions.metrics import (
    Number,
    Reading,
    answer_numbers,
    error_notes,
    game_numbers,
)
from mmaudit.audits.contributions.overlap import overlap_flags
from mmaudit.audits.contributions.policies import policy_columns, policy_numbers
from mmaudit.audits.contributions.pooled import gallery, odd_samples, pooled_numbers
from mmaudit.audits.contributions.reference.compare import Rivals
from mmaudit.audits.contributions.scope import Scope
from mmaudit.audits.contributions.training.overfitting import training_numbers
from mmaudit.audits.contributions.training.plan import PLAN, plan
from mmaudit.errors import IncompleteError
from mmaudit.inference.inputs import Inputs
from mmaudit.measures.intervals.streamed import Chunk, Means, means
from mmaudit.names import ALL
from mmaudit.samples.parts import Partition

MakeRow = Callable[..., Any]
NumbersByPart = dict[str, list[Number]]  # by the part's name


def summarise(
    make_row: MakeRow,
    scope: Scope,
    inputs: Inputs,
    read: Read,
    ready: Sequence[FeatureNumber],
    reference: Rivals | None,
) -> Outcome:
    """Measure every worth under every policy on every part of the samples.

    Args:
        make_row: Builds a row of the summary from its fields.
        scope: What was played.
        inputs: What was looked at.
        read: Reads back the units' tables.
        ready: Numbers that are ready to be written.
        reference: What other models of one modality each do; None where there are none.

    Raises:
        IncompleteError: No sample could be read.
    """
    labelled = scope.task == "class" and inputs.dataset.target_kind is not None
    cuts = every_cut(read(None, 0), inputs.dataset, by_class=labelled)
    n = sum(table.num_rows for table in read(["id"], 0))
    if not n:
        raise IncompleteError("no sample could be read", fix="look at skipped.parquet for why")
    rows: list[Any] = []
    flags: list[Flag] = []
    lead: dict[str, list[Number]] = {}
    noise: list[str] = []
    for policy in scope.policies:
        for value in scope.values:
            first = value == scope.values[0]
            games = _game(scope, read, scope.group(policy, value), cuts, answers=first)
            rows += _rows(make_row, value, policy, {p: t[0] for p, t in games.items()})
            rows += _rows(make_row, "", policy, {p: t[1] for p, t in games.items()})
            if first and scope.task != "embedding":
                rows += _rows(make_row, "", policy, _pooled(scope, read, policy, cuts))
            flags += game_flags(games[ALL][0], value, policy)
            flags += answer_flags(games[ALL][1], policy, n) if reference is None else ()
            noise += error_notes(games[ALL][0], value, policy)
            if not lead:
                held = training_numbers(games[ALL][1], scope.training, scope.classes)
                rows += _rows(make_row, "", policy, {ALL: list(held)})
            lead.setdefault(policy, [*games[ALL][0], *games[ALL][1]])
    flags += _of_answers(scope, read, reference)
    policies = _compared(scope, read, cuts) if len(scope.policies) > 1 else {}
    for value, numbers in policies.items():
        rows += _rows(make_row, value, "+".join(scope.policies), numbers)
    rows += [
        make_row(value="", slice=ALL, **asdict(one) | {"estimate": one.estimate})
        for one in (*ready, *(() if reference is None else reference.rows))
    ]
    odd = odd_samples(read, 0, scope.modalities, scope.values[0], scope.policies[0])
    return Outcome(
        rows=rows,
        headline=headline(lead, scope.values[0], reference),
        notes=(
            *of_all(lead[scope.policies[0]], scope.modalities, n, reference),
            *(*warnings(flags), *noise),
            *sensitivity({v: games[ALL] for v, games in policies.items()}, scope.policies),
            *(*nearest(ready), *of_the_pool(scope.runs), *of_the_data(inputs, cuts)),
        ),
        tables={
            "flags": pa.Table.from_pylist([asdict(f) for f in flags], schema=FLAGS),
            "odd_samples": odd,
            "gallery": gallery(inputs.dataset, odd),
            **_plan(scope, read),
            **({} if reference is None else {"references": reference.table}),
        },
    )


def _of_answers(scope: Scope, read: Read, reference: Rivals | None) -> Iterator[Flag]:
    """Flags that hang on the answers and on no worth."""
    for policy in scope.policies:
        tables = [*read(None, scope.group(policy, scope.values[0]))]
        yield from overlap_flags(tables, scope.modalities, policy)
    if reference is not None:
        yield compared_flag(reference)


def _plan(scope: Scope, read: Read) -> dict[str, pa.Table]:
    """The training plan, where it was asked for."""
    if not scope.plan:
        return {}
    group = scope.group(scope.policies[0], "correct_size")
    return {PLAN: plan(read, group, scope.modalities, scope.plan, scope.seed)}


FLAGS = pa.schema(
    [
        pa.field("flag", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("absent", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("raised", pa.bool_(), nullable=False),
        pa.field("p_value", pa.float64()),
        pa.field("because", pa.string(), nullable=False),
    ]
)


def _game(
    scope: Scope, read: Read, group: int, cuts: Sequence[Partition], *, answers: bool
) -> dict[str, tuple[list[Number], list[Number]]]:
    """The numbers of one row group on every part: of the game, and of the answers if asked."""
    most = columns.most_loss(scope.task)

    def columns_of(tables: Sequence[pa.Table]) -> Named:
        (table,) = tables
        own = columns.game_columns(table, scope.modalities)
        if not answers:
            return own
        numbers = columns.answer_columns(table, scope.modalities, most)
        return own | numbers | balance_columns(table, scope.modalities, scope.prior)

    by_part: dict[str, tuple[list[Number], list[Number]]] = {}
    measures = _means(scope, read, [group], cuts, columns_of)
    for cut, measured in zip(cuts, measures, strict=True):
        for part, name in enumerate(cut.names):
            at = Reading(measured, part, scope.modalities)
            own = answer_numbers(at, most), balance_numbers(at, scope.classes)
            both = chain(*own) if answers else ()
            games, numbers = ([n.settled() for n in some] for some in (game_numbers(at), both))
            by_part[name] = (games, numbers)
    return by_part


def _pooled(scope: Scope, read: Read, policy: str, cuts: Sequence[Partition]) -> NumbersByPart:
    group = scope.group(policy, scope.values[0])
    return pooled_numbers(scope, read, group, cuts)


def _compared(scope: Scope, read: Read, cuts: Sequence[Partition]) -> dict[str, NumbersByPart]:
    """How much the policies disagree, by worth and part."""
    out: dict[str, NumbersByPart] = {}
    for value in scope.values:
        groups = [scope.group(policy, value) for policy in scope.policies]
        out[value] = {}
        measures = _means(
            scope, read, groups, cuts, lambda tables: policy_columns(tables, scope.modalities)
        )
        for cut, measured in zip(cuts, measures, strict=True):
            for part, name in enumerate(cut.names):
                at = Reading(measured, part, scope.modalities)
                out[value][name] = list(policy_numbers(at))
    return out


def _means(
    scope: Scope,
    read: Read,
    groups: Sequence[int],
    cuts: Sequence[Partition],
    columns_of: Callable[[Sequence[pa.Table]], Named],
) -> list[Means]:
    """Bootstrapped means of numbers made from the same rows of some row groups, by cut."""

    def tables() -> Iterator[tuple[pa.Table, ...]]:
        return zip(*(read(None, group) for group in groups), strict=True)

    first = [columns_of(next(tables()))]  # of the first rows, which are looked at again at once
    names = tuple(first[0])

    def pieces() -> Iterator[Chunk]:
        for place, same in enumerate(tables()):
            named = columns_of(same) if place or not first else first.pop()
            values = columns.stacked({n: v for n, v in named.items() if n in names})
            parts = np.stack([cut.of(same[0]) for cut in cuts])
            shared = scope.shared(place, same[0], groups)
            yield Chunk(scope.keys(place, same[0]), values, parts, shared)

    stored, parts = columns.stored_names(scope.modalities), [len(cut.names) for cut in cuts]
    return means(names, pieces, parts, scope.replicates, stored=stored)


def _rows(make_row: MakeRow, value: str, absent: str, measured: NumbersByPart) -> list[Any]:
    return [
        make_row(
            value=value,
            absent=absent,
            modality=number.modality,
            slice=part,
            metric=number.metric,
            estimate=number.measured.estimate(),
        )
        for part, numbers in measured.items()
        for number in numbers
        if np.isfinite(number.measured.point)
    ]
