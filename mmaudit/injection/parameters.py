"""Parameters: those that a user names in place of a severity, ``missing/mcar:cell_rate=0.25``."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, get_type_hints

import numpy as np

from mmaudit.corruptions.base import SEVERITIES, AnyCorruption, AnyPlan, Plan
from mmaudit.errors import UsageError
from mmaudit.options import unknown
from mmaudit.parsing.documents import from_toml

P = TypeVar("P", AnyCorruption, AnyPlan)
SHARE = "share "  # how the unit of what is between 0 and 1 begins


def read(text: str) -> dict[str, Any]:
    """Names and values of ``cell_rate=0.25`` or ``rate=0.4,matrix=[[0,1],[1,0]]``.

    Raises:
        UsageError: The text is not of that form.
    """
    try:
        values = from_toml(f"it = {{{text}}}")["it"]
    except ValueError as error:
        raise UsageError(
            f"{text!r} names no parameters", fix="NAME=VALUE,…, as missing/mcar:cell_rate=0.25"
        ) from error
    return {name: _frozen(value) for name, value in values.items()}


def of_modalities(
    part: AnyCorruption | AnyPlan, values: Mapping[str, Any], modalities: Sequence[str]
) -> dict[str, Any]:
    """The same parameters, numbers of single modalities as the one parameter that holds them.

    A modality that is not named has 0. Nothing changes where no modality is named, or where the
    part has no such parameter.

    Args:
        part: The part.
        values: The named parameters, some of which may be names of modalities.
        modalities: Names of the modalities that it concerns, in their order.
    """
    holder = part.by_modality if isinstance(part, Plan) else ""
    fields = type(part.severities[0])._fields
    named = {m: values[m] for m in modalities if m in values and m not in fields}
    if not holder or not named:
        return dict(values)
    rest = {name: value for name, value in values.items() if name not in named}
    return rest | {holder: tuple(named.get(m, 0.0) for m in modalities)}


def with_parameters(name: str, part: P, values: Mapping[str, Any]) -> tuple[P, int]:
    """A part with one set of parameters, and the severity that is nearest to it.

    Args:
        name: Name of the part, for refusals.
        part: The part; parameters that are not named are those of its severity 3.
        values: The named ones. Of a corruption of values they must lie within its severities; of a
            plan rates are 0 to 1.

    Raises:
        UsageError: There is no such parameter, or it cannot have this value.
    """
    usual = part.at((SEVERITIES + 1) // 2)
    types = get_type_hints(type(usual))
    for key, value in values.items():
        if key not in usual._fields:
            raise unknown(f"{name} has no parameter {key!r}", key, usual._fields)
        _check(name, part, key, value, types[key])
    parameters = usual._replace(
        **{k: float(v) if types[k] is float else v for k, v in values.items()},
    )
    return replace(part, severities=(parameters,) * SEVERITIES), _nearest(part, values)


def _check(name: str, part: AnyCorruption | AnyPlan, key: str, value: Any, kind: Any) -> None:
    """Refuse what a parameter cannot be."""
    if isinstance(part, Plan):
        low = 1 if kind is int else 0
        high = 1 if part.units[key].startswith(SHARE) else math.inf
        wanted = f"{low} to 1" if high == 1 else f"{low} or more"
    else:
        usual = [getattr(severity, key) for severity in part.severities]
        low, high = min(usual), max(usual)
        wanted = f"{low:g} to {high:g}, what its severities have"
    single = kind in {int, float}
    right = {float: (int, float), int: (int,)}.get(kind, (int, float))
    leaves = _leaves(value)
    fits = single != isinstance(value, tuple) and all(
        isinstance(x, right) and not isinstance(x, bool) and math.isfinite(x) and low <= x <= high
        for x in leaves
    )
    if not fits:
        raise UsageError(
            f"{key} of {name} cannot be {value!r}",
            fix=f"{'a number' if single else 'a list of numbers'}, {wanted}",
        )


def _nearest(part: AnyCorruption | AnyPlan, values: Mapping[str, Any]) -> int:
    """The severity whose parameters are most like the named ones; 3 where all are alike."""
    far = np.zeros(SEVERITIES)
    for key, value in values.items():
        usual = [getattr(severity, key) for severity in part.severities]
        if not isinstance(value, tuple):
            spread = max(usual) - min(usual) or 1
            far += [abs(value - u) / spread for u in usual]
    middle = np.abs(np.arange(SEVERITIES) - SEVERITIES // 2)
    return int(np.lexsort((middle, far))[0]) + 1


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _leaves(value: Any) -> list[Any]:
    return [x for v in value for x in _leaves(v)] if isinstance(value, tuple) else [value]
