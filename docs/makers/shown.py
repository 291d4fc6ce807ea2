"""Shown: what a corruption does to the value that pages show, at severities 1, 3 and 5."""

from typing import Any

from makers import material
from mmaudit import parts
from mmaudit.corruptions.base import Corruption
from mmaudit.seeds import words

SHOWN = (1, 3, 5)
SEED = 0
SAMPLE = "docs"


def load(name: str) -> Any:
    """A corruption of one sample, or a plan."""
    module = parts.load("corruptions", name)
    return getattr(module, "CORRUPTION", None) or module.PLAN


def values(name: str) -> list[Any]:
    """The clean value, then that of each severity shown."""
    part, kind = load(name), name.partition("/")[0]
    clean, context = material.clean(kind), material.context(kind, part.donors)
    draws = words(SEED, f"{name}@{kind}", SAMPLE)
    return [clean, *(part.damage(clean, severity, draws, context) for severity in SHOWN)]


def plans(name: str, n: int = 48) -> tuple[Any, list[Any]]:
    """The set, and what a plan decides for every row of it at each severity shown."""
    part, rows = load(name), material.rows(n)
    return rows, [part.plan(rows, part.at(severity), SEED) for severity in SHOWN]


def is_plan(name: str) -> bool:
    """Whether it decides for a whole set."""
    return not isinstance(load(name), Corruption)
