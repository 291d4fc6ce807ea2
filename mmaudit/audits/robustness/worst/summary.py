"""What the summary says of worst cases and attacks beside the numbers of any condition."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from mmaudit.audits.base import Read
from mmaudit.audits.robustness.conditions import Condition
from mmaudit.audits.robustness.worst import cases
from mmaudit.audits.robustness.worst.unit import ZERO
from mmaudit.formats import many
from mmaudit.measures.intervals.proportion import proportion
from mmaudit.names import ALL
from mmaudit.rows import Estimate, Metric
from mmaudit.samples.parts import Part

ZERO_RATE = "zero_gradient_rate"
RADIUS = "epsilon"
METRICS = cases.METRICS | {
    RADIUS: Metric(
        "radius of the attack: in 1/255 of the span of pictures, as a share of the norm of others",
        exact=True,
    ),
    ZERO_RATE: Metric(
        "share of samples with the attacked modality whose gradient is 0 wherever the attack "
        "looked, so that it showed nothing of them",
        "1",
        "lower",
        0.0,
        1.0,
    ),
}
Done = Mapping[str, Mapping[str, Mapping[str, Estimate]]]  # by condition, part and metric


def measured(
    read: Read, group: int, condition: Condition, parts: Sequence[Part]
) -> Iterator[tuple[str, str, str, Estimate]]:
    """Condition, part, metric and number of what only worst cases and attacks have.

    Args:
        read: Reads back the units' tables.
        group: Number of the condition.
        condition: It.
        parts: Parts of the samples that were asked about.
    """
    if condition.attacks:
        radius = condition.attacks[(condition.severity or 1) - 1]
        zero = _column(read, group, ZERO).to_numpy()
        for part in parts:
            some = [bool(z) for z in part.of(zero) if z is not None]
            exact = Estimate(radius, radius, radius, part.of(zero).size)
            yield condition.name, part.name, RADIUS, exact
            if some:
                yield condition.name, part.name, ZERO_RATE, proportion(sum(some), len(some))
    if len({member.modality for member in condition.worst_of}) == 1:
        worst = _column(read, group, cases.WORST)
        for name, rates in cases.rates(condition, worst, parts).items():
            for member, rate in rates.items():
                yield member, name, cases.WORST_RATE, rate


def notes(
    conditions: Sequence[Condition], primary: str, numbers: Mapping[str, Estimate], done: Done
) -> tuple[str, ...]:
    """Plain sentences: the worst cases, and where an attack showed nothing.

    Args:
        conditions: The conditions that have numbers.
        primary: The metric.
        numbers: It under each condition, by its name.
        done: What each condition did.
    """
    conditions = [c for c in conditions if c.name in numbers]
    out = []
    for name, modality in _last(conditions, "worst_of").items():
        members = next(c for c in conditions if c.name == name).worst_of
        one = f"draw of {members[0].corruption} on {modality}"
        of = f"of {many(len(members), 'corruption')} of {modality}" if len(members) > 1 else one
        out.append(
            f"Under whichever {of} is worst for each sample, {primary} is {numbers[name]} ({name})."
        )
    for name, modality in _last(conditions, "attacks").items():
        zero = done.get(name, {}).get(ALL, {}).get(ZERO_RATE)
        blind = round(zero.value * zero.n) if zero else 0
        out.append(
            f"Attacked through {modality}, {primary} is {numbers[name]} ({name}); a stronger "
            "attack may leave less."
        )
        if zero and blind:
            out.append(
                f"Gradients by {modality} are 0 for {blind:,} of {zero.n:,} samples: no attack is "
                "shown for them, and nothing of their robustness."
            )
    return tuple(out)


def untested(conditions: Sequence[Condition], done: Done) -> str:
    """Which attack saw no gradient at all, in words; empty where each saw one."""
    blind = [
        modality
        for name, modality in _last(conditions, "attacks").items()
        if (zero := done.get(name, {}).get(ALL, {}).get(ZERO_RATE)) and zero.value == 1
    ]
    return f"gradients by {', '.join(blind)} are 0 for every sample: no attack" if blind else ""


def _last(conditions: Sequence[Condition], kind: str) -> dict[str, str]:
    """The highest severity of each modality, by name, among conditions of one kind."""
    last = {c.modality: c.name for c in conditions if getattr(c, kind)}
    return {name: modality for modality, name in last.items()}


def _column(read: Read, group: int, name: str) -> pa.ChunkedArray:
    return pa.chunked_array(
        [chunk for table in read([name], group) for chunk in table[name].chunks]
    )
