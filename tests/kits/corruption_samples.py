"""Samples that every corruption of a kind is asked about: hostile, typical, and small ones."""

from dataclasses import replace
from functools import cache

import numpy as np

from mmaudit import parts
from mmaudit.seeds import words
from mmaudit.testing import values
from places import FIXTURES

KINDS = ("image", "text", "audio", "series", "table", "vector")
NAMES = [n for n in parts.names("corruptions") if n.partition("/")[0] in KINDS]
GOLDEN = FIXTURES / "golden_corruptions" / "golden.npz"
RATE = values.RATE
TEXTS = values.TEXTS


def load(name):
    return parts.load("corruptions", name).CORRUPTION


def draw(name, sample_id):
    return words(7, f"{name}@m", sample_id)


@cache
def of(kind):
    """Values that a corruption of a kind is tried on, pictures among them that people took."""
    made = values.values(kind)
    if kind != "image":
        return made
    with np.load(GOLDEN) as golden:
        return replace(made, typical=[golden["astronaut/clean"], golden["chelsea/clean"]])


def hostile(kind):
    """Values at the edges of what a dataset may hold."""
    return values.values(kind).hostile


def typical(kind):
    """Values on which damage is to be seen."""
    return of(kind).typical


def small(kind):
    """Few values, for interpreted code."""
    return values.values(kind).small


def damaged(name, clean, severity, sample_id="a"):
    corruption = load(name)
    around = of(name.partition("/")[0]).context(clean, corruption.donors)
    return corruption.damage(clean, severity, draw(name, sample_id), around)
