"""Described: a corruption in a few lines, with the parameters of every severity and its source."""

from collections.abc import Iterator
from textwrap import wrap

from mmaudit import parts
from mmaudit.corruptions.base import Corruption
from mmaudit.injection.apply import KIND, load_either

WIDTH = 96


def describe(name: str) -> Iterator[str]:
    """Lines about one corruption or plan.

    Raises:
        UsageError: There is none of that name.
    """
    part = load_either(name)
    yield name
    yield from _wrapped(parts.summary(KIND, name))
    for field in part.severities[0]._fields:
        values = ", ".join(_value(getattr(severity, field)) for severity in part.severities)
        unit = part.units.get(field, "")
        yield f"    {field}: {values}" + (f"  [{unit}]" if unit and unit != "1" else "")
    if isinstance(part, Corruption):
        yield f"    dose: {part.dose.name}" + (
            f"  [{part.dose.unit}]" if part.dose.unit != "1" else ""
        )
    yield f"    version: {part.version}"
    yield from _wrapped(f"source: {part.source}")


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="    ", subsequent_indent="        ")
