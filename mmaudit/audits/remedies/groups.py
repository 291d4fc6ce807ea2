"""Groups of methods that cannot be told apart, under each family of conditions."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from mmaudit.arrays import Floats
from mmaudit.audits.remedies.judging import Ring
from mmaudit.measures.intervals.crossed import of_groups
from mmaudit.measures.intervals.ties import apart, runs

TABLE = "groups"
SCHEMA = pa.schema(
    [
        pa.field("family", pa.string(), metadata={"help": "family of conditions"}),
        pa.field("group", pa.int32(), metadata={"help": "number of the group, the best first"}),
        pa.field("method", pa.string(), metadata={"help": "a method of it, the best first"}),
    ]
)
Members = tuple[str, int, str]  # family, group, method


def groups(ring: Ring, family: str, scores: Mapping[str, Floats], families: int) -> list[Members]:
    """Longest stretches of the order of methods in which no two are told apart.

    Args:
        ring: The contest.
        family: The family of conditions.
        scores: Of every method, ``(seed, sample)``.
        families: How many families are judged at once.
    """
    names = list(scores)
    separate = apart({name: of_groups(s, ring.groups) for name, s in scores.items()}, families)
    order = sorted(range(len(names)), key=lambda k: -ring.sign * float(scores[names[k]].mean()))
    return [
        (family, number, names[order[place]])
        for number, (first, last) in enumerate(runs(order, separate), 1)
        for place in range(first, last + 1)
    ]


def table(members: Sequence[Members]) -> pa.Table:
    """Groups of all families."""
    columns = list(zip(*members, strict=True)) or [(), (), ()]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], SCHEMA)
