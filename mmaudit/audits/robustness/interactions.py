"""Interactions: does damage of one modality cost more where another one is absent?

The damage of A and the absence of B are crossed, and the same samples are asked four times. A
metric's interaction is

    [metric(A damaged, B absent) - metric(A clean, B absent)]
    - [metric(A damaged, B present) - metric(A clean, B present)],

the mean over samples of a difference of differences. It is 0 where the two costs add up on the
metric's scale, and depends on that scale: a metric with a floor, as accuracy at chance, has little
left to lose where B is absent, which alone makes its interaction positive.

References:
    Rothman, Greenland and Walker 1980, "Concepts of interaction",
    doi:10.1093/oxfordjournals.aje.a113015 (interaction as departure from additivity; its scale)
    Holm 1979, "A simple sequentially rejective multiple test procedure"
"""

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from mmaudit.arrays import Floats
from mmaudit.audits.base import Read
from mmaudit.audits.robustness.answers import Task
from mmaudit.audits.robustness.answers_by_condition import Arrays, gather
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.metrics import INTERACTION, Meter
from mmaudit.bounds.means import TAIL
from mmaudit.errors import UsageError
from mmaudit.formats import many
from mmaudit.measures.intervals.evidence import Mean, Root, linear
from mmaudit.names import ALL, crossed, subset, under
from mmaudit.rows import Estimate
from mmaudit.samples.parts import Part

P_TRUE, MSE = "p_true", "mse"
SPEAKS = {"class": P_TRUE, "number": MSE}  # by task; else the main metric
CROSS = (1.0, -1.0, -1.0, 1.0)  # of both, the absence alone, the damage alone, and clean
LOSS, NEAR = "nll", 1e-6  # nearer to 0 a mean of losses has no sign
NOTE = (
    "An interaction is a departure from costs that add up, so it depends on the scale. Where "
    "little is right without a modality, little is left to lose: accuracy at chance cannot fall, "
    "which alone makes accuracy_interaction positive and may make nll_interaction negative. That "
    "damage costs less there is then no sign of robustness."
)
Means = dict[str, Mean]  # by metric
Key = tuple[str, str]  # name of a part, metric


class Pair(NamedTuple):
    """What is damaged and what is absent, under which policy."""

    damaged: str
    gone: str
    policy: str | None

    @property
    def name(self) -> str:
        """The condition that stands for all damages of the one."""
        return crossed(self.damaged, self.gone, self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One modality damaged in several ways while another one is absent.

    Attributes:
        pair: Which.
        whole: The condition that stands for all of them.
        only: The condition under which nothing is damaged and the other one is absent.
        cells: Each with the condition that does the same damage while everything is present.
    """

    pair: Pair
    whole: Condition
    only: str
    cells: tuple[tuple[Condition, Condition], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """The interactions of a sweep.

    Attributes:
        rows: By condition, then by part and metric.
        crossings: What was crossed, as far as it was asked.
        means: Differences of differences on the scale that speaks, all samples, meant over the
            damages of each pair.
        scale: That metric's interaction: of the probability of the truth, whose bounds are near,
            so that little has to be seen; of numbers of the squared error, on which independent
            errors add up, as absolute ones do not.
        harm: 1 where it is above 0 if damage costs more, -1 where it is below.
    """

    rows: Mapping[str, Mapping[Key, Estimate]]
    crossings: tuple[Crossing, ...]
    means: Mapping[Pair, Mean]
    scale: str
    harm: int


def check_crossed(task: Task) -> None:
    """Refuse what has no answer where a modality is absent.

    Raises:
        UsageError: Pairs of two modalities are asked for.
    """
    if task.kind == "embedding":
        raise UsageError(
            "a model of embeddings is judged by pairs, and of a pair no modality can be absent",
            fix="no --joint-missing, or a model that answers with classes or numbers",
        )


def interactions(
    conditions: Sequence[Condition], meter: Meter, read: Read, clean: Arrays, aside: Container[str]
) -> Interactions:
    """Cross every damage with every absence, four conditions in memory at a time.

    Args:
        conditions: The conditions of the sweep, clean first.
        meter: Measures the answers of all samples.
        read: Reads back the units' tables.
        clean: The clean answers.
        aside: Names of damages that changed nothing, which are left out.
    """
    numbers = {c.name: group for group, c in enumerate(conditions)}
    scale = f"{SPEAKS.get(meter.task.kind, meter.primary)}{INTERACTION}"
    some = replace(meter, replicates=2)  # no interval is made of the draws
    rows: dict[str, dict[Key, Estimate]] = {}
    whole: dict[Crossing, Mean] = {}

    def answers(name: str) -> Arrays:
        return gather(read, numbers[name], meter.task)

    for crossing in _crossings(conditions, aside):
        absent, sums, count = answers(crossing.only), dict[Key, Mean](), 0
        for both, damage in crossing.cells:
            four = (answers(both.name), absent, answers(damage.name), clean)
            if not all(four):
                continue  # a sweep that goes by stages does not ask everything
            count += 1
            for key, one in _crossed(some, four):
                rows.setdefault(both.name, {})[key] = estimate(one)
                sums[key] = _together(sums[key], one) if key in sums else one
        means = {key: linear((1 / count,), (total,)) for key, total in sums.items()}
        rows[crossing.whole.name] = {key: estimate(one) for key, one in means.items()}
        if (ALL, scale) in means:
            whole[crossing] = means[ALL, scale]
    return Interactions(
        rows=rows,
        crossings=tuple(whole),
        means={crossing.pair: one for crossing, one in whole.items()},
        scale=scale,
        harm=1 if meter.better(scale) == "lower" else -1,
    )


def _crossings(conditions: Sequence[Condition], aside: Container[str]) -> Iterator[Crossing]:
    damages = {c.name: c for c in conditions}
    by: dict[Pair, list[tuple[Condition, Condition]]] = {}
    for both in conditions:
        if both.crossed and both.crossed not in aside:
            damage = damages[both.crossed]
            gone = both.modality.removeprefix(f"{damage.modality},")
            pair = Pair(damage.modality, gone, both.absent)
            by.setdefault(pair, []).append((both, damage))
    for pair, cells in by.items():
        first = cells[0][0]
        whole = Condition(
            name=pair.name, modality=first.modality, present=first.present, absent=pair.policy
        )
        only = under(subset(first.present), pair.policy)
        yield Crossing(pair=pair, whole=whole, only=only, cells=tuple(cells))


def _crossed(meter: Meter, four: Sequence[Arrays]) -> Iterator[tuple[Key, Mean]]:
    """The difference of differences of each part and metric, of the samples that all four have."""
    n = min(len(next(iter(arrays.values()))) for arrays in four)
    some = replace(meter, frame=meter.frame.first(n))
    first = [{name: values[:n] for name, values in arrays.items()} for arrays in four]
    for part in some.frame.parts:
        each = [_means(some, arrays, part) for arrays in first]
        for metric in each[0]:
            if all(metric in means for means in each):
                one = linear(CROSS, [means[metric] for means in each])
                yield (part.name, f"{metric}{INTERACTION}"), one


def _means(meter: Meter, answers: Arrays, part: Part) -> Means:
    """Every metric that is a mean of one value a sample, and what adds up beside it."""
    measured = meter.measure(answers, part)
    means = {
        metric: one.evidence
        for metric, one in measured.items()
        if isinstance(one.evidence, Mean) and one.evidence.rows is None
    }
    if "rmse" in measured and isinstance(measured["rmse"].evidence, Root):
        means[MSE] = measured["rmse"].evidence.square
    p_true = _p_true(meter.task, answers)
    if p_true is not None and means:
        groups = next(iter(means.values())).groups
        means[P_TRUE] = Mean(part.of(p_true), groups, 0.0, 1.0)
    return means


def _p_true(task: Task, answers: Arrays) -> Floats | None:
    """Probability of the true class, ``(n,)``; None where no class is asked for."""
    if task.kind != "class":
        return None
    if "probabilities" in answers:
        rows = np.arange(len(answers["label"]))
        p = answers["probabilities"][rows, answers["label"]]
    else:
        p = answers[P_TRUE]
    return np.clip(p.astype(np.float64), 0.0, 1.0)


def _together(first: Mean, second: Mean) -> Mean:
    """The sum of two means, of the samples that both have."""
    n = min(first.values.size, second.values.size)
    return linear((1.0, 1.0), (_first(first, n), _first(second, n)))


def _first(one: Mean, n: int) -> Mean:
    groups = None if one.groups is None else one.groups[:n]
    return replace(one, values=one.values[:n], groups=groups)


def estimate(one: Mean) -> Estimate:
    """A mean with its 95 % interval, over samples or groups."""
    values = np.asarray(one.values, np.float64)
    value = math.fsum(values.tolist()) / values.size
    low, high = one.ends(TAIL)
    units = values.size if one.groups is None else np.unique(one.groups).size
    return Estimate(value, min(low, value), max(high, value), units)


def verdicts(results: Interactions, primary: str, alone: Mapping[str, Estimate]) -> tuple[str, ...]:
    """A sentence for each pair; at most 5 % of runs in which nothing interacts say that it does.

    Args:
        results: The interactions.
        primary: The task's main metric.
        alone: That metric under each condition, by name.
    """
    signs = surely(results.means)
    said = tuple(
        _sentence(c, signs[c.pair], results, f"{primary} is {alone[c.only]}")
        for c in results.crossings
    )
    return (*said, NOTE) if said else ()


def surely(family: Mapping[Pair, Mean]) -> dict[Pair, int]:
    """Which are surely above 0 (1) or below (-1), by Holm's procedure over both sides; else 0."""
    signs = dict.fromkeys(family, 0)
    rest = list(family)
    while rest:
        tail = TAIL / len(rest)
        sure = {pair: sign for pair in rest if (sign := family[pair].sign(tail))}
        if not sure:
            break
        signs |= sure
        rest = [pair for pair in rest if pair not in sure]
    return signs


def _sentence(crossing: Crossing, sign: int, results: Interactions, before: str) -> str:
    pair, rows = crossing.pair, results.rows[crossing.whole.name]
    loss = rows.get((ALL, f"{LOSS}{INTERACTION}"))
    numbers = f"{results.scale} {rows[ALL, results.scale]}"
    numbers += "" if loss is None else f", {LOSS}{INTERACTION} {loss}"
    of = f"({numbers}; mean of {many(len(crossing.cells), 'condition')})"
    where = f"where {under(f'{pair.gone} is absent', pair.policy)}"
    if not sign:
        return f"Whether damage of {pair.damaged} costs more {where} cannot be told {of}."
    more = sign == results.harm
    if loss is not None and (loss.value > 0) != more and abs(loss.value) > NEAR:
        return f"Whether damage of {pair.damaged} costs more {where} depends on the scale {of}."
    if more:
        return f"Damage of {pair.damaged} costs more {where} {of}."
    return f"Damage of {pair.damaged} costs less {where} {of}; there {before} before any damage."
