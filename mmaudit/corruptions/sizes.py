"""Sizes: parameters in pixels that follow the size of the picture, for ``--scale-with-size``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar, get_type_hints

from mmaudit.arrays import Ints
from mmaudit.corruptions.base import AnyCorruption, Corruption

S = TypeVar("S", bound=NamedTuple)
REFERENCE = 224  # pixels of the shorter side for which the parameters were chosen


def scaled(corruption: Corruption[Any, S], severity: S, shape: tuple[int, ...]) -> S:
    """A severity for a picture of another size: pixels are multiplied by ``min(h, w) / 224``.

    Whole numbers stay whole and at least 1; what is not in pixels stays what it is.

    Args:
        corruption: Says which parameters are in pixels.
        severity: Its parameters for a picture of 224.
        shape: Height and width first.
    """
    factor = min(shape[:2]) / REFERENCE
    types = get_type_hints(type(severity))
    new = {name: getattr(severity, name) * factor for name in sorted(corruption.pixels)}
    whole = {name: max(1, round(new[name])) for name in new if types[name] is int}
    return severity._replace(**{**new, **whole})


Form = tuple[Ints, AnyCorruption, Any]  # samples, their corruption and parameters


def sized(
    part: AnyCorruption, level: int, at: Ints, values: Sequence[Any], *, scale: bool
) -> list[Form]:
    """Samples by the form of the corruption for their size; all of them where size is nothing.

    Args:
        part: The corruption.
        level: Severity, 1 to 5.
        at: Places of the samples among the values.
        values: Decoded values, none of these absent.
        scale: Whether parameters in pixels follow the size of the picture.
    """
    if not (scale and part.pixels):
        return [(at, part, part.at(level))]
    forms = []
    for i in range(at.size):
        parameters = scaled(part, part.at(level), values[at[i]].shape)
        severities = (*part.severities[: level - 1], parameters, *part.severities[level:])
        forms.append((at[i : i + 1], replace(part, severities=severities), parameters))
    return forms
