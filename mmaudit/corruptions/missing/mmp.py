"""MMP: missing-aware prompts; some samples lack exactly one modality, never two at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing import _patterns as patterns


class Severity(NamedTuple):
    """How much is missing."""

    row_rate: float  # share of the samples


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Let exactly a share of the samples lack one modality, each modality equally often.

    Applied to one modality, ``missing/mmp@text``, it is the paper's type ``text``; applied to all
    modalities of image-text data it is the type ``both``: half of the share lacks each.
    """
    ways = patterns.one_each(len(rows.modalities))
    return patterns.dealt(rows, severity.row_rate, ways, seed, "missing/mmp")


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.1, 0.3, 0.5, 0.7, 0.9)),
    units={"row_rate": "share of the samples"},
    source="missing-aware prompts (arXiv:2303.03369): missing_ratio is the share of samples, 0.7 "
    "in its main table (severity 4); there int(n r), here the nearest whole number",
    reported=4,
    rate_of="samples",
)
