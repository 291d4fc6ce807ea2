"""Unimodal references: is the model with what is left worse than a model of one modality of it?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats
from mmaudit.audits.base import Outcome, Read
from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.metrics import declared, meaning
from mmaudit.audits.robustness.numbers.subsets import SUBSET
from mmaudit.audits.robustness.options import Options
from mmaudit.errors import UsageError
from mmaudit.faults import Faults
from mmaudit.inference.inputs import Inputs, model_kinds
from mmaudit.inference.unimodal import references, specs
from mmaudit.measures.tasks.absence.unimodal import GAIN, over_best, shown, tails
from mmaudit.names import ALL
from mmaudit.rows import Estimate
from mmaudit.samples.memory import budget

METRIC = f"accuracy{GAIN}"
TABLE = "unimodal"
HEADS = (
    *("present", "policy", "modality", "reference", "accuracy_reference", "accuracy"),
    *("value", "low", "high", "n", "worse"),
)
MOST = 5  # subsets that are named in sentences; the table has all
NOTHING = "No subset of modalities is compared with models of one modality"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remainder:
    """The model with what is left of the modalities, beside models of one of those.

    Attributes:
        condition: The subset.
        accuracy: How often the model is right.
        gain: How much oftener it is right than the best of them.
        tails: P-values of its being no worse than each of them.
        others: What each is and how right it is about each sample, ``(n,)``, by modality.
    """

    condition: Condition
    accuracy: float
    gain: Estimate
    tails: Sequence[float]
    others: Mapping[str, tuple[str, Floats]]

    def best(self, *, worse: bool) -> str:
        """The modality of the best one: the surest where the model is worse, else by its share."""
        names = list(self.others)
        if worse:
            return names[int(np.argmin(self.tails))]
        return max(names, key=lambda m: float(self.others[m][1].mean()))

    def says(self, modalities: Sequence[str]) -> str:
        """That the model is worse."""
        gone = ", ".join(m for m in modalities if m not in self.condition.present)
        what, how = self.others[self.best(worse=True)][0], self.condition.absent
        under = f" (absent values: {how})" if how else ""
        who = f"Without {gone} the model is worse than {what}"
        return f"{who}{under}: {self.gain} in accuracy."


def digests(
    options: Options, inputs: Inputs, modalities: Sequence[str], task: Task
) -> list[str | None]:
    """Digests of the separately trained models, which are looked at before anything is asked.

    Raises:
        UsageError: There is nothing to compare with them.
    """
    if options.unimodal and not options.missing:
        raise UsageError(
            "--unimodal is compared with what --missing leaves of the model",
            fix="--missing beside it, or mmaudit contributions for the whole model",
        )
    comparable = task.kind == "class"
    if options.unimodal == (specs.NONE,):
        return []
    return specs.model_digests(options.unimodal, modalities, inputs, comparable=comparable)


def cost(
    options: Options, inputs: Inputs, modalities: tuple[str, ...], task: Task
) -> tuple[str, ...]:
    """What the comparison reads beside the sweep, said before it does."""
    if not _wanted(options) or task.kind != "class":
        return ()
    trained = specs.specs(options.unimodal, modalities)
    probed = [m for m in modalities if m not in trained]
    some = min(len(inputs.dataset), references.ROWS)
    train = inputs.whole.split_for("train")
    audited = set(inputs.dataset.column("split").unique().to_pylist())
    beside = ""
    if probed and train and train not in audited:
        rows = min(len(inputs.whole.select(split=train)), references.ROWS)
        beside = f" and {rows:,} of the split {train}"
    who = [f"probes of {', '.join(probed)}"] if probed else []
    who += [f"models of {', '.join(trained)}"] if trained else []
    whom = f"compared with {' and '.join(who)} alone"
    return (f"{whom}: {some:,} samples{beside} are read once more (--unimodal none: not)",)


def _wanted(options: Options) -> bool:
    return options.missing and options.unimodal != (specs.NONE,)


def with_references(
    make_row: Callable[..., Any],
    outcome: Outcome,
    options: Options,
    inputs: Inputs,
    conditions: Sequence[Condition],
    task: Task,
    read: Read,
) -> Outcome:
    """The outcome with how the model does under each subset beside models of what is left.

    Args:
        make_row: Builds a row of the summary from its fields.
        outcome: What was measured of the answers.
        options: How robustness was asked.
        inputs: The data.
        conditions: The conditions; subsets of one modality or more are compared.
        task: What the model answers.
        read: Reads back the units' tables.
    """
    if not _wanted(options) or inputs.model is None:
        return outcome
    if task.kind != "class":
        why = f"{NOTHING}: their answers are compared where they are classes."
        return replace(outcome, notes=(*outcome.notes, why))
    kinds = model_kinds(inputs.dataset, inputs.model.info.modalities)
    question = references.Audited(
        loaded=inputs.model,
        kinds=kinds,
        unimodal=specs.specs(options.unimodal, tuple(kinds)),
        batch_size=options.batch_size,
        memory=budget(options.memory, options.workers),
    )
    with Faults.of(inputs.model.info.spec):
        these = references.compared(question, inputs)
    if these is None:
        why = f"{NOTHING}: of a modality there is neither a model (--unimodal) nor features."
        return replace(outcome, notes=(*outcome.notes, why))
    remainders = list(_remainders(conditions, these, question, inputs, read))
    worse = shown([one.tails for one in remainders])
    metrics = {METRIC: meaning(METRIC, declared("class"))} if remainders else {}
    return replace(
        outcome,
        rows=[*outcome.rows, *(_row(make_row, one) for one in remainders)],
        metrics={**outcome.metrics, **metrics},
        notes=(*outcome.notes, *_says(remainders, worse, tuple(question.kinds))),
        tables={**outcome.tables, **({TABLE: _table(remainders, worse)} if remainders else {})},
    )


def _remainders(
    conditions: Sequence[Condition],
    these: references.Compared,
    question: references.Audited,
    inputs: Inputs,
    read: Read,
) -> Iterator[Remainder]:
    """Every subset that was answered for all samples and leaves something."""
    every = {m: references.unbiased(m, these, question, inputs) for m in these.there}
    ids = [name for table in read(["id"], 0) for name in table["id"].to_pylist()]
    place = {name: i for i, name in enumerate(ids)}
    if not place.keys() >= set(these.at.ids):  # an early decision left some samples out
        return
    at = np.array([place[name] for name in these.at.ids], np.int64)
    for group, condition in enumerate(conditions):
        others = {m: every[m] for m in condition.present if m in every}
        if condition.corruption != SUBSET or not others:
            continue
        pieces = [table["correct"].to_numpy() for table in read(["correct"], group)]
        if sum(map(len, pieces)) != len(ids):
            continue
        right = np.concatenate(pieces).astype(np.float64)[at]
        rights = [own for _, own in others.values()]
        yield Remainder(
            condition=condition,
            accuracy=float(right.mean()),
            gain=over_best(right, rights, these.at.groups),
            tails=tails(right, rights, these.at.groups),
            others=others,
        )


def _says(
    remainders: Sequence[Remainder], worse: Sequence[bool], modalities: Sequence[str]
) -> Iterator[str]:
    """Under which subsets the model is worse; in 2.5 % of sweeps at most wrongly of one."""
    if not remainders:
        yield f"{NOTHING}: none that leaves one was answered for all samples."
        return
    named = [one for one, is_worse in zip(remainders, worse, strict=True) if is_worse]
    for one in named[:MOST]:
        yield one.says(modalities)
    if named[MOST:]:
        of = f"{len(named):,} of {len(remainders):,} subsets"
        yield f"Without others it is so too: {of}, in {TABLE}.parquet."
    if not named:
        yield (
            f"No subset of modalities ({len(remainders):,} compared) is shown to leave the model "
            "worse than another model of one modality that is left."
        )


def _row(make_row: Callable[..., Any], one: Remainder) -> Any:
    return make_row(
        condition=one.condition.name,
        modality=one.condition.modality,
        corruption=one.condition.corruption,
        severity=None,
        present=",".join(one.condition.present),
        slice=ALL,
        metric=METRIC,
        estimate=one.gain,
    )


def _table(remainders: Sequence[Remainder], worse: Sequence[bool]) -> pa.Table:
    """One row a subset: the best reference, and how the model compares."""
    rows = []
    for one, is_worse in zip(remainders, worse, strict=True):
        best = one.best(worse=is_worse)
        what, own = one.others[best]
        key = ",".join(one.condition.present), one.condition.absent or ""
        shares = float(own.mean()), one.accuracy
        numbers = one.gain.value, one.gain.low, one.gain.high, one.gain.n
        rows.append((*key, best, what, *shares, *numbers, is_worse))
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(HEADS)})
