"""Describe: a corruption in a few lines, with the parameters of every severity and its source."""

from collections.abc import Iterator, Mapping
from textwrap import wrap

from mmaudit import parts
from mmaudit.corruptions.base import SEVERITIES, AnyCorruption, AnyPlan, Corruption
from mmaudit.corruptions.groups import SUBSETS
from mmaudit.doses.base import Dose
from mmaudit.doses.choose import doses
from mmaudit.injection.encoder import COSINE, encoded_kinds
from mmaudit.injection.spec import KIND, load_part
from mmaudit.injection.steps import DOSE_OF

INDENT = 4
SEVERITY = "severity"
NEEDS: Mapping[str, str] = {
    "rate": "the sample rate",
    "column": "statistics of the training split",
    "donors": "other samples",
}


def describe(name: str, width: int = 96) -> Iterator[str]:
    """Lines about one corruption or plan.

    Args:
        name: Its name.
        width: Columns of a line.

    Raises:
        UsageError: There is none of that name.
    """
    part = load_part(name)
    yield name
    yield from _wrapped("", parts.summary(KIND, name), width)
    rows = facts(name)
    label = max(len(key) for key in (SEVERITY, *part.severities[0]._fields, *dict(rows)))
    yield from _severities(part, label, width)
    for key, text in rows:
        yield from _wrapped(f"{key:{label}}  ", text, width)


def facts(name: str) -> list[tuple[str, str]]:
    """What a corruption or plan says of itself besides its parameters: a word and a text each."""
    part, rows = load_part(name), []
    if isinstance(part, Corruption):
        rows.append(("dose", ", ".join(_doses(name.partition("/")[0], part))))
        needs = [NEEDS[need] for need in part.needs if not part.outside]
        needs += ["files of a folder that is named"] if part.outside else []
        if needs:
            rows.append(("needs", " and ".join(needs)))
    else:
        rows.append(("dose", DOSE_OF[part.makes]))
    within = [subset for subset, names in SUBSETS.items() if name in names]
    if within:
        rows.append(("subsets", ", ".join(within)))
    return [*rows, ("version", str(part.version)), ("source", part.source)]


def _doses(kind: str, part: AnyCorruption) -> Iterator[str]:
    yield from map(_dose, doses(kind, part.dose))
    if kind in encoded_kinds():
        yield f"{COSINE} with --encoder"


def _dose(dose: Dose) -> str:
    return dose.name if dose.unit == "1" else f"{dose.name} [{dose.unit}]"


def _severities(part: AnyCorruption | AnyPlan, label: int, width: int) -> Iterator[str]:
    """A column a severity, a row a parameter with its unit."""
    fields = part.severities[0]._fields
    cells = [[_value(getattr(at, field)) for at in part.severities] for field in fields]
    head = [str(level + 1) for level in range(SEVERITIES)]
    across = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    units = ["", *(part.units[field] for field in fields)]
    for key, row, unit in zip((SEVERITY, *fields), [head, *cells], units, strict=True):
        shown = "  ".join(f"{cell:{n}}" for cell, n in zip(row, across, strict=True))
        yield from _wrapped(f"{key:{label}}  {shown}  ", unit, width)


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _wrapped(head: str, text: str, width: int) -> list[str]:
    """A text after a head, its further lines below its first one."""
    start = " " * INDENT + head
    room = max(width, len(start) + 24)
    lines = wrap(text, room, initial_indent=start, subsequent_indent=" " * len(start))
    return [line.rstrip() for line in lines or [start]]
