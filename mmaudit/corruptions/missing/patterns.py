"""Patterns: some samples are incomplete, in every way in which one can be, all alike often."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing import _patterns as patterns
from mmaudit.errors import UsageError


class Severity(NamedTuple):
    """How many samples are incomplete, and how."""

    row_rate: float  # share of the samples
    probabilities: tuple[float, ...] = ()  # of the first patterns, sum 1; all alike where empty


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Deal the incomplete patterns out to exactly a share of the samples.

    The patterns are those that lack something and keep something: of modalities a, b and c they
    are a, b, c, ab, ac, bc absent, in this order. Of one modality, it is absent.

    Raises:
        UsageError: There are more probabilities than patterns, or they do not sum to 1.
    """
    ways = patterns.incomplete(len(rows.modalities)) or [(0,)]
    shares = severity.probabilities
    if shares and (len(shares) > len(ways) or not math.isclose(sum(shares), 1, abs_tol=1e-6)):
        raise UsageError(
            f"missing/patterns has {len(shares)} probabilities that sum to {sum(shares):g}",
            fix=f"up to {len(ways)} that sum to 1, of the patterns in their order",
        )
    dealt = ways[: len(shares) or None]
    return patterns.dealt(rows, severity.row_rate, dealt, seed, "missing/patterns", shares or None)


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.2, 0.3, 0.4, 0.5)),
    units={"row_rate": "share of the samples", "probabilities": "share of the incomplete samples"},
    source="patterns with frequencies as in pyampute and mice::ampute; there rows are split among "
    "patterns at random, here dealt in exact proportions that are nested over rates",
    rate_of="samples",
)
