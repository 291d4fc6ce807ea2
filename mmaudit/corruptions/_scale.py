"""Scale: parameters in pixels that follow the size of the picture, for ``--scale-with-size``."""

from typing import Any, NamedTuple, TypeVar, get_type_hints

from mmaudit.corruptions.base import Corruption

S = TypeVar("S", bound=NamedTuple)
USUAL = 224  # pixels of the shorter side for which the parameters were chosen


def scaled(corruption: Corruption[Any, S], severity: S, shape: tuple[int, ...]) -> S:
    """A severity for a picture of another size: pixels are multiplied by ``min(h, w) / 224``.

    Whole numbers stay whole and at least 1; what is not in pixels stays what it is.

    Args:
        corruption: Says which parameters are in pixels.
        severity: Its parameters for a picture of 224.
        shape: Height and width first.
    """
    factor = min(shape[:2]) / USUAL
    types = get_type_hints(type(severity))
    new = {name: getattr(severity, name) * factor for name in sorted(corruption.pixels)}
    whole = {name: max(1, round(new[name])) for name in new if types[name] is int}
    return severity._replace(**{**new, **whole})
