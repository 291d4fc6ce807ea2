"""From the contributions of all samples to the summary: estimates, flags, the odd samples."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.audits.base import Outcome, Read
from mmaudit.audits.contributions import columns
from mmaudit.audits.contributions.balance import balance_columns, balance_numbers
from mmaudit.audits.contributions.columns import Named
from mmaudit.audits.contributions.corrupted import every_cut
from mmaudit.audits.contributions.features import Told
from mmaudit.audits.contributions.flags import Flag, answer_flags, game_flags
from mmaudit.audits.contributions.gallery import gallery
from mmaudit.audits.contributions.messages import (
    headline,
    nearest,
    of_the_data,
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
from mmaudit.audits.contributions.overfitting import training_numbers
from mmaudit.audits.contributions.policies import policy_columns, policy_numbers
from mmaudit.audits.contributions.pooled import gathered_numbers, odd_samples
from mmaudit.audits.contributions.training_plan import PLAN, training_plan
from mmaudit.errors import IncompleteError
from mmaudit.inference.inputs import Inputs
from mmaudit.measures.intervals.bootstrap import Replicates, unit_keys
from mmaudit.measures.intervals.streamed import Means, Piece, means
from mmaudit.names import ALL
from mmaudit.samples.parts import Partition, units

MakeRow = Callable[..., Any]
Measured = dict[str, list[Number]]  # by the part's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was played.

    Attributes:
        values: Names of the worths, in the order of the row groups.
        policies: Absence policies, likewise; each has a row group for every worth.
        modalities: Names of the players.
        task: ``class``, ``number`` or ``embedding``.
        seed: Seed of the bootstrap.
        replicates: Bootstrap replicates of every interval.
        classes: How many classes the model has; 0 where it answers with something else.
        prior: Share of each class among the labels; empty without labels.
        training: Mean loss on training samples with everything (``""``) and with each modality
            alone; empty where it was not asked for.
        plan: Whether a training plan is made.
    """

    values: tuple[str, ...]
    policies: tuple[str, ...]
    modalities: tuple[str, ...]
    task: str
    seed: int
    replicates: int
    classes: int = 0
    prior: Mapping[str, float] = field(default_factory=dict)
    training: Mapping[str, Replicates] = field(default_factory=dict)
    plan: bool = False

    def group(self, policy: str, value: str) -> int:
        """The row group of one worth under one policy."""
        return self.policies.index(policy) * len(self.values) + self.values.index(value)


def summarise(
    make_row: MakeRow, asked: Asked, inputs: Inputs, read: Read, ready: Sequence[Told]
) -> Outcome:
    """Measure every worth under every policy on every part of the samples.

    Args:
        make_row: Builds a row of the summary from its fields.
        asked: What was played.
        inputs: What was looked at.
        read: Reads back the units' tables.
        ready: Numbers that are ready to be written.

    Raises:
        IncompleteError: No sample could be read.
    """
    labelled = asked.task == "class" and inputs.dataset.target_kind is not None
    cuts = every_cut(read(None, 0), inputs.dataset, by_class=labelled)
    n = sum(table.num_rows for table in read(["id"], 0))
    if not n:
        raise IncompleteError("no sample could be read", fix="look at skipped.parquet for why")
    rows: list[Any] = []
    flags: list[Flag] = []
    lead: list[Number] = []
    noise: list[str] = []
    for policy in asked.policies:
        for value in asked.values:
            first = value == asked.values[0]
            told = _game(asked, read, asked.group(policy, value), cuts, answers=first)
            rows += _rows(make_row, value, policy, {p: t[0] for p, t in told.items()})
            rows += _rows(make_row, "", policy, {p: t[1] for p, t in told.items()})
            if first and asked.task != "embedding":
                rows += _rows(make_row, "", policy, _gathered(asked, read, policy, cuts))
            flags += game_flags(told[ALL][0], value, policy)
            flags += answer_flags(told[ALL][1], policy, n)
            noise += error_notes(told[ALL][0], value, policy)
            if not lead:
                lead = [*told[ALL][0], *told[ALL][1]]
                held = training_numbers(told[ALL][1], asked.training, asked.classes)
                rows += _rows(make_row, "", policy, {ALL: list(held)})
    compared = _compared(asked, read, cuts) if len(asked.policies) > 1 else {}
    for value, found in compared.items():
        rows += _rows(make_row, value, "+".join(asked.policies), found)
    rows += [
        make_row(value="", slice=ALL, **asdict(one) | {"estimate": one.estimate}) for one in ready
    ]
    odd = odd_samples(read, 0, asked.modalities, asked.values[0], asked.policies[0])
    return Outcome(
        rows=rows,
        headline=headline(lead, asked.values[0], asked.policies[0]),
        notes=(
            *(*warnings(flags), *noise),
            *sensitivity({v: told[ALL] for v, told in compared.items()}, asked.policies),
            *(*nearest(ready), *of_the_data(inputs, cuts)),
        ),
        tables={
            "flags": pa.Table.from_pylist([asdict(f) for f in flags], schema=FLAGS),
            "odd_samples": odd,
            "gallery": gallery(inputs.dataset, odd),
            **_plan(asked, read),
        },
    )


def _plan(asked: Asked, read: Read) -> dict[str, pa.Table]:
    """The training plan, where it was asked for."""
    if not asked.plan:
        return {}
    group = asked.group(asked.policies[0], "correct_size")
    return {PLAN: training_plan(read, group, asked.modalities)}


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
    asked: Asked, read: Read, group: int, cuts: Sequence[Partition], *, answers: bool
) -> dict[str, tuple[list[Number], list[Number]]]:
    """The numbers of one row group on every part: of the game, and of the answers if asked."""

    def made(tables: Sequence[pa.Table]) -> Named:
        (table,) = tables
        own = columns.game_columns(table, asked.modalities)
        if not answers:
            return own
        told = columns.answer_columns(table, asked.modalities)
        return own | told | balance_columns(table, asked.modalities, asked.prior)

    found: dict[str, tuple[list[Number], list[Number]]] = {}
    for cut in cuts:
        measured = _means(asked, read, [group], cut, made)
        for part, name in enumerate(cut.names):
            at = Reading(measured, part, asked.modalities)
            told = [*answer_numbers(at), *balance_numbers(at, asked.classes)] if answers else []
            found[name] = (list(game_numbers(at)), told)
    return found


def _gathered(asked: Asked, read: Read, policy: str, cuts: Sequence[Partition]) -> Measured:
    group = asked.group(policy, asked.values[0])
    return gathered_numbers(read, group, asked.modalities, cuts, asked.seed, asked.replicates)


def _compared(asked: Asked, read: Read, cuts: Sequence[Partition]) -> dict[str, Measured]:
    """How much the policies disagree, by worth and part."""
    out: dict[str, Measured] = {}
    for value in asked.values:
        groups = [asked.group(policy, value) for policy in asked.policies]
        out[value] = {}
        for cut in cuts:
            measured = _means(
                asked, read, groups, cut, lambda tables: policy_columns(tables, asked.modalities)
            )
            for part, name in enumerate(cut.names):
                at = Reading(measured, part, asked.modalities)
                out[value][name] = list(policy_numbers(at))
    return out


def _means(
    asked: Asked,
    read: Read,
    groups: Sequence[int],
    cut: Partition,
    made: Callable[[Sequence[pa.Table]], Named],
) -> Means:
    """Bootstrapped means of per-sample numbers made from the same rows of some row groups."""

    def tables() -> Iterator[tuple[pa.Table, ...]]:
        return zip(*(read(None, group) for group in groups), strict=True)

    names = tuple(made(next(tables())))

    def pieces() -> Iterator[Piece]:
        for same in tables():
            values = columns.stacked({n: v for n, v in made(same).items() if n in names})
            yield Piece(unit_keys(asked.seed, units(same[0])), values, cut.of(same[0]))

    return means(names, pieces, len(cut.names), asked.replicates)


def _rows(make_row: MakeRow, value: str, absent: str, measured: Measured) -> list[Any]:
    return [
        make_row(
            value=value,
            absent=absent,
            modality=number.modality,
            slice=part,
            metric=number.metric,
            estimate=number.found.estimate(),
        )
        for part, numbers in measured.items()
        for number in numbers
        if np.isfinite(number.found.point)
    ]
