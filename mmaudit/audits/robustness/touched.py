"""What a condition did: how many samples it changed at all, and the mean of its doses.

A condition that changed no sample says nothing of the model, whatever its numbers are.
"""

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.arrays import Bools, Floats
from mmaudit.audits.base import Read
from mmaudit.audits.robustness.answers_by_condition import Frame
from mmaudit.bounds import smooth
from mmaudit.measures.intervals.proportion import proportion
from mmaudit.rows import Estimate, Metric
from mmaudit.samples.parts import Part

DOSE, TOUCHED = "dose", "touched"  # columns of the answers
MEAN_DOSE, TOUCHED_RATE = "mean_dose", "touched_rate"
METRICS = {
    TOUCHED_RATE: Metric("share of samples that the condition changed", "1", "neither", 0.0, 1.0),
    MEAN_DOSE: Metric("mean of what was measured to have been done, in the unit of the dose"),
}


def column(touched: Bools | None, n: int) -> pa.Array:
    """The column of whether each sample was changed; null where that was not looked at."""
    return pa.nulls(n, pa.bool_()) if touched is None else pa.array(touched, pa.bool_())


def measured(read: Read, group: int, frame: Frame) -> dict[str, dict[str, Estimate]]:
    """By part, how many samples a condition changed and its mean dose, where they were looked at.

    Args:
        read: Reads back the units' tables.
        group: Number of the condition.
        frame: The samples that were asked about.
    """
    tables = list(read([DOSE, TOUCHED], group))
    touched = pc.fill_null(_whole(tables, TOUCHED), False).to_numpy()  # noqa: FBT003
    doses = _whole(tables, DOSE).to_numpy()
    looked = not any(table[TOUCHED].null_count for table in tables)
    return {part.name: _of_part(part, touched, doses, looked=looked) for part in frame.parts}


def _whole(tables: Sequence[pa.Table], name: str) -> pa.ChunkedArray:
    return pa.chunked_array([chunk for table in tables for chunk in table[name].chunks])


def _of_part(part: Part, touched: Bools, doses: Floats, *, looked: bool) -> dict[str, Estimate]:
    out: dict[str, Estimate] = {}
    if looked:
        there = part.of(touched)
        out[TOUCHED_RATE] = proportion(int(there.sum()), there.size)
    some = part.of(doses)
    some = some[np.isfinite(some)]
    if some.size:
        low, high = smooth.ends(some)
        mean = math.fsum(some.tolist()) / some.size
        out[MEAN_DOSE] = Estimate(mean, min(low, mean), max(high, mean), some.size)
    return out
