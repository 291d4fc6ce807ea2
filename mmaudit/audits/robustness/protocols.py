"""Protocols: how papers take modalities away, by the names and parameters that papers give them.

``mmp:text`` is the plan `missing/mmp` of the modality ``text`` with the rate that its paper reports
first, ``random-rate:0.3`` is `missing/random_rate` at 0.3, ``rates:image=0.5,text=0.1`` names more.
Every plan under ``missing/`` is one, so there is no list of them here.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmaudit import parts
from mmaudit.corruptions.base import AnyPlan
from mmaudit.errors import UsageError
from mmaudit.injection.parameters import of_modalities, read, with_parameters
from mmaudit.injection.spec import KIND, Spec, load_plan
from mmaudit.options import unknown

FAMILY = "missing/"
SUBSET = "missing/subset"  # what `--missing` asks itself: the same modalities absent from all
EVERY = ("both", "all")  # what stands for all modalities
BARE = re.compile(r"[A-Za-z0-9_-]+")  # names that need no quotes among parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One protocol, understood against the modalities of a dataset.

    Attributes:
        name: The plan, as ``missing/mmp``.
        plan: The plan itself with its parameters.
        level: The severity that is nearest to them.
        parameters: The parameters that were named, or are reported first, as ``row_rate=0.7``.
        modalities: The modalities that it concerns.
        every: Whether these are all.
    """

    name: str
    plan: AnyPlan
    level: int
    parameters: str
    modalities: tuple[str, ...]
    every: bool

    @property
    def spec(self) -> str:
        """What ``mmaudit corrupt --apply`` takes for the same absence."""
        where = None if self.every else self.modalities[0]
        return str(Spec(self.name, self.level, where, self.parameters))


def names() -> tuple[str, ...]:
    """Names of all protocols, sorted, without importing any."""
    plans = (n for n in parts.names(KIND) if n.startswith(FAMILY) and n != SUBSET)
    return tuple(n.removeprefix(FAMILY).replace("_", "-") for n in plans)


def protocols(texts: Sequence[str], modalities: Sequence[str]) -> tuple[Protocol, ...]:
    """The protocols that were asked for, each once.

    Args:
        texts: As a person wrote them; a text that only goes on with the parameters of the one
            before it, as ``text=0.1``, belongs to that one.
        modalities: Names of the modalities, in the manifest's order.

    Raises:
        UsageError: There is no such protocol, modality or parameter, or it cannot have that value.

    Example:
        >>> [p.spec for p in protocols(("mmp:text", "psp", "random-rate:0.3"), ("image", "text"))]
        ['missing/mmp:row_rate=0.7@text', 'missing/psp:complete_prop=0.5', \
'missing/random_rate:missing_rate=0.3']
    """
    every = [_one(text, tuple(modalities)) for text in _whole(texts)]
    return tuple({protocol.spec: protocol for protocol in every}.values())


def _whole(texts: Sequence[str]) -> list[str]:
    """The texts, those that a comma cut within their parameters put together again."""
    out: list[str] = []
    for text in texts:
        name, equals, _ = text.partition("=")
        within = bool(out) and out[-1].count("[") > out[-1].count("]")
        if within or (out and equals and ":" not in name):
            out[-1] += f",{text}"
        else:
            out.append(text)
    return out


def _one(text: str, modalities: tuple[str, ...]) -> Protocol:
    short, *pieces = text.strip().split(":")
    name = FAMILY + short.replace("-", "_")
    if name == SUBSET:
        raise UsageError(
            "a subset is absent from all samples, and --missing asks every one of them",
            fix="--missing",
        )
    if short.replace("_", "-") not in names():
        raise unknown(f"there is no protocol {short!r}", short.replace("_", "-"), names())
    plan = load_plan(name)
    if plan.makes != "mask":
        raise UsageError(f"{name} takes no modality away", fix=f"--corruptions {name}")
    values: dict[str, Any] = {}
    concerned = modalities
    for piece in pieces:
        if "=" in piece:
            values |= read(piece)
        elif _is_number(piece):
            values[plan.severities[0]._fields[0]] = float(piece)
        elif piece in modalities:
            concerned = (piece,)
        elif piece not in EVERY:
            raise unknown(
                f"{text!r} names neither a modality, nor {' or '.join(EVERY)}, nor a number",
                piece,
                (*modalities, *EVERY),
            )
    values = values or _reported(plan)
    _check(name, plan, values, concerned)
    parametrised, level = with_parameters(name, plan, of_modalities(plan, values, concerned))
    return Protocol(
        name=name,
        plan=parametrised,
        level=level,
        parameters=_text(values),
        modalities=concerned,
        every=concerned == modalities,
    )


def _is_number(piece: str) -> bool:
    try:
        return math.isfinite(float(piece))
    except ValueError:
        return False


def _reported(plan: AnyPlan) -> dict[str, Any]:
    """The first parameter as the paper of the plan reports it first."""
    first, value = next(iter(plan.at(plan.reported)._asdict().items()))
    return {first: value}


def _check(
    name: str, plan: AnyPlan, values: Mapping[str, Any], modalities: tuple[str, ...]
) -> None:
    """Refuse a name that is neither a parameter nor a modality that may be named."""
    fields = type(plan.severities[0])._fields
    fitting = (*modalities, *fields) if plan.by_modality else fields
    for key in values:
        if key not in fitting:
            what = "neither a modality nor a parameter" if plan.by_modality else "no parameter"
            raise unknown(f"{name} has {what} {key!r}", key, fitting)


def _text(values: Mapping[str, Any]) -> str:
    """Parameters as `mmaudit.injection.parameters.read` reads them."""
    return ",".join(f"{_key(name)}={_value(value)}" for name, value in values.items())


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else f'"{name}"'


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_value, value))}]"
    return f"{value:.12g}"
