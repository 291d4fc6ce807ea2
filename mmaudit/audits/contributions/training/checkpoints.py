"""Checkpoints: which modality takes over while a model is trained, told by its earlier states.

At every state the model is asked with each modality alone; the discrepancy ratio of a modality is
its mean probability of the true class over the mean of the others'. The model itself is the last
state. All states are judged on the same samples by the same bootstrap, so that differences between
them are paired.

References:
    Peng et al. 2022, "Balanced multimodal learning via on-the-fly gradient modulation" (OGM-GE),
    arXiv:2203.15332
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pyarrow as pa

from mmaudit.arrays import Floats
from mmaudit.audits.contributions.columns import numbers, stacked
from mmaudit.audits.contributions.metrics import Number, Reading
from mmaudit.audits.contributions.training.alone import answers_alone, passes
from mmaudit.audits.contributions.unit import Contributing
from mmaudit.errors import InputError
from mmaudit.faults import Faults
from mmaudit.inference.donors import Donors
from mmaudit.inference.inputs import Inputs
from mmaudit.inference.models import SHARES, make_models
from mmaudit.measures.balance.discrepancy import discrepancy_ratios
from mmaudit.measures.intervals.bootstrap import unit_keys
from mmaudit.measures.intervals.replicates import SHARE, Replicates
from mmaudit.measures.intervals.streamed import Chunk, means
from mmaudit.models.access import Access
from mmaudit.models.load import Loaded, load
from mmaudit.names import ALL
from mmaudit.samples.parts import Partition, units

RATIO = "discrepancy_ratio"
ESTIMATE = pa.struct(
    [pa.field(name, pa.float64(), nullable=False) for name in ("value", "low", "high")]
    + [pa.field("n", pa.int64(), nullable=False)]
)
HELPS = (
    ("checkpoint", pa.int64(), "place in training, from 1; the last is the model itself"),
    ("model", pa.string(), "the state, as it was asked for"),
    ("absent", pa.string(), "absence policy"),
    ("modality", pa.string(), "modality; empty for the whole model"),
    ("slice", pa.string(), "part of the samples, as NAME=VALUE; all for everything"),
    ("metric", pa.string(), "what was measured"),
    ("estimate", ESTIMATE, "the number with its 95 % interval"),
)
SCHEMA = pa.schema(
    [pa.field(name, kind, nullable=False, metadata={"help": text}) for name, kind, text in HELPS]
)


def specs(texts: Iterable[str]) -> tuple[str, ...]:
    """States of the model, ``ADAPTER:WHERE,key=value,…`` each.

    A flag's values are cut at commas; what looks like an option belongs to the state before it.
    """
    names: list[str] = []
    for text in texts:
        if names and re.match(r"[A-Za-z_]\w*=", text):
            names[-1] += f",{text}"
        else:
            names.append(text)
    return tuple(names)


def opened(spec: str, model: Loaded, access: Access) -> Loaded:
    """An earlier state of the model.

    Args:
        spec: Where it is.
        model: The model itself.
        access: How the model was asked for; a pin of its file is not one of the state's.

    Raises:
        InputError: The state takes or answers something else than the model.
    """
    state = load(spec, replace(access, sha256=None))
    for name in ("modalities", "classes", "output", "accepts_missing"):
        theirs, ours = getattr(state.info, name), getattr(model.info, name)
        if theirs != ours:
            raise InputError(
                f"this is no earlier state of the model: its {name} are {theirs}",
                where=spec,
                fix=f"a state whose {name} are {ours}, or a --model of its kind",
            )
    return state


def cost(count: int, policy: str, modalities: int) -> str:
    """How often the earlier states are asked, said before they are."""
    more = count * passes(policy, modalities)
    return f"{count} checkpoints, each modality alone: {more:,} more passes a sample"


@dataclass(frozen=True, slots=True)
class State:
    """What one state of the model says.

    Attributes:
        spec: The state, as it was asked for.
        numbers: Numbers by part of the samples.
    """

    spec: str
    numbers: dict[str, list[Number]]


def states(
    inputs: Inputs,
    work: Contributing,
    earlier: Iterable[Loaded],
    donors: Donors,
    own: Iterable[pa.Table],
    cuts: Sequence[Partition],
    replicates: int,
) -> Iterator[State]:
    """Measure every state, the model itself last, one in memory at a time.

    Args:
        inputs: What is looked at.
        work: How the model itself was asked.
        earlier: The earlier states, first to last.
        donors: What stands in for absent values, collected for the model itself.
        own: What the model itself answered, under the leading policy.
        cuts: How the samples are cut into parts.
        replicates: Bootstrap replicates.
    """
    policy, seed = work.models.policy, work.rules.seed
    names = tuple(work.kinds)
    for state in earlier:
        models = make_models(inputs, state, (policy,), seed, SHARES, donors.memory, donors)
        answers = answers_alone(replace(work, models=models), inputs.dataset, policy)
        with Faults.of(state.info.spec):
            measured = _measured(answers, names, cuts, seed, replicates)
        yield State(state.info.spec, measured)
    spec = work.models.loaded.info.spec
    yield State(spec, _measured(own, names, cuts, seed, replicates))


def _measured(
    answers: Iterable[pa.Table],
    modalities: tuple[str, ...],
    cuts: Sequence[Partition],
    seed: int,
    replicates: int,
) -> dict[str, list[Number]]:
    """The numbers of one state on every part; a few numbers a sample are held in memory."""
    columns: list[str] = []
    drawn: list[str] = []
    values: list[Floats] = []
    parts: list[list[np.ndarray]] = [[] for _ in cuts]
    for table in answers:
        names = [f"{name}_{m}" for name in ("p_true_alone", "alone") for m in modalities]
        named = {name: numbers(table, name) for name in (*names, "right")}
        columns, values = list(named), [*values, stacked(named)]
        drawn += units(table)
        for part, cut in zip(parts, cuts, strict=True):
            part.append(cut.of(table))
    keys, whole = unit_keys(seed, drawn), np.concatenate(values)
    out: dict[str, list[Number]] = {}
    pieces = [Chunk(keys, whole, np.stack([np.concatenate(part) for part in parts]))]
    sizes = [len(cut.names) for cut in cuts]
    strengths = [f"p_true_alone_{m}" for m in modalities]
    every = means(columns, pieces.__iter__, sizes, replicates, stored=strengths)
    for cut, measured in zip(cuts, every, strict=True):
        for k, name in enumerate(cut.names):
            out[name] = list(_numbers(Reading(measured, k, modalities)))
    return out


def _numbers(at: Reading) -> Iterator[Number]:
    yield Number("", "accuracy", at.of("right", SHARE))
    there = at.each("p_true_alone")
    strengths = [at.of(f"p_true_alone_{m}", SHARE) for m in there]
    for m, p in zip(there, strengths, strict=True):
        yield Number(m, "accuracy_alone", at.of(f"alone_{m}", SHARE))
        yield Number(m, "p_true_alone", p)
    if len(there) > 1:
        for m, ratio in zip(there, discrepancy_ratios(strengths), strict=True):
            yield Number(m, RATIO, ratio)


def table(history: Sequence[State], absent: str) -> pa.Table:
    """One row for each state, part and number."""
    rows = [
        {
            "checkpoint": place,
            "model": state.spec,
            "absent": absent,
            "modality": number.modality,
            "slice": part,
            "metric": number.metric,
            "estimate": asdict(number.measured.estimate()),
        }
        for place, state in enumerate(history, 1)
        for part, values in state.numbers.items()
        for number in values
        if np.isfinite(number.measured.point)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def note(history: Sequence[State], absent: str) -> str:
    """Which modality gained most on the others since the first state, in a sentence."""
    first, last = (_ratios(state) for state in (history[0], history[-1]))
    gained = {m: last[m] - first[m] for m in last if m in first}
    risen = {m: last[m].point / first[m].point for m in gained if first[m].point > 0}
    if not risen:
        return "No modality alone tells anything of the truth at the first checkpoint."
    most = max(risen, key=lambda m: risen[m])
    start, end = first[most].estimate(), last[most].estimate()
    if gained[most].estimate().low <= 0:
        verdict = "no modality is shown to take over"
    elif end.low <= 1:
        verdict = f"{most} catches up"
    else:
        verdict = f"{most} pulls away" if start.low > 1 else f"{most} takes over"
    return (
        f"In training {verdict}: over {len(history)} checkpoints the discrepancy ratio of {most} "
        f"goes from {start} to {end} (1 is balance; absent values: {absent}).{_furthest(history)}"
    )


def _furthest(history: Sequence[State]) -> str:
    """A sentence about the state that was least balanced, where it lies between the others."""
    ratios = [_ratios(state) for state in history]
    if not all(ratios):
        return ""
    leads = [max(each.items(), key=lambda item: item[1].point) for each in ratios]
    k = max(range(len(leads)), key=lambda k: leads[k][1].point)
    name, ratio = leads[k]
    if k in {0, len(leads) - 1} or ratio.estimate().low <= leads[-1][1].estimate().high:
        return ""
    return f" The balance was furthest off at checkpoint {k + 1}: {name} {ratio.estimate()}."


def _ratios(state: State) -> dict[str, Replicates]:
    ratios = [n for n in state.numbers[ALL] if n.metric == RATIO]
    return {n.modality: n.measured for n in ratios if np.isfinite(n.measured.point)}
