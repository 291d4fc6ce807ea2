"""Patterns: some samples are incomplete, in every way in which one can be, all alike often."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions import _patterns as patterns
from mmaudit.corruptions.base import Plan, Rows


class Severity(NamedTuple):
    """How many samples are incomplete, and how."""

    row_rate: float  # share of the samples
    probabilities: tuple[float, ...] = ()  # of the patterns; all alike where empty


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Deal the incomplete patterns out to exactly a share of the samples.

    The patterns are those that lack something and keep something: of modalities a, b and c they
    are a, b, c, ab, ac, bc absent, in this order. Of one modality, it is absent.
    """
    ways = patterns.incomplete(len(rows.modalities)) or [(0,)]
    return patterns.dealt(
        rows, severity.row_rate, ways, seed, "missing/patterns", severity.probabilities or None
    )


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"row_rate": "1", "probabilities": "1"},
    source="patterns with frequencies as in pyampute and mice::ampute; there rows are split among "
    "patterns at random, here dealt in exact proportions that are nested over rates",
)
