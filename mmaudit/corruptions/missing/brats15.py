"""BraTS-15: every subset of the modalities equally often, as in tests on brain MRI."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmaudit.corruptions.base import Plan, Rows
from mmaudit.corruptions.missing import _patterns as patterns


class Severity(NamedTuple):
    """How many samples are dealt a subset."""

    row_rate: float  # share of the samples


def mask(rows: Rows, severity: Severity, seed: int) -> NDArray[np.bool_]:
    """Leave a share of the samples with one of the ``2^M - 1`` subsets, all equally often.

    The complete one is among them. At severity 5 every sample is dealt one; four modalities have
    15. A dataset of one modality stays complete.
    """
    ways = [(), *patterns.incomplete(len(rows.modalities))]
    return patterns.dealt(rows, severity.row_rate, ways, seed, "missing/brats15")


PLAN = Plan(
    plan=mask,
    makes="mask",
    severities=tuple(Severity(s) for s in (0.2, 0.4, 0.6, 0.8, 1.0)),
    units={"row_rate": "share of the samples"},
    source="evaluation on all 15 subsets of T1, T1ce, T2 and FLAIR (RFNet, ICCV 2021; ShaSpec, "
    "arXiv:2307.14126); there the whole test set once a subset, here dealt out in one pass",
    reported=5,
)
