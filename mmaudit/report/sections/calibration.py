"""What a report shows of calibration: reliability on clean data and under the worst conditions."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from mmaudit.names import CLEAN
from mmaudit.report.blocks import Chart
from mmaudit.report.charts.reliability import Bin, reliability
from mmaudit.report.read import AuditData, RunData
from mmaudit.report.sections import samples
from mmaudit.tables.answers import answers

BINS = 15
WORST = 2  # conditions beside the clean one


def charts(run: RunData, audit: AuditData) -> Iterator[Chart]:
    """The reliability diagram, where the audit kept how sure each answer was."""
    diagrams: dict[str, list[Bin]] = {}
    for name in samples.conditions(audit)[: 1 + WORST]:
        rows = answers(run.samples(audit.name), name, ("confidence", "correct"))
        if rows is not None:
            diagrams[name] = bins(rows["confidence"], rows["correct"])
    if CLEAN in diagrams:
        yield reliability("Is the model as right as it is sure?", diagrams)


def bins(confidence: pa.ChunkedArray, correct: pa.ChunkedArray) -> list[Bin]:
    """Fifteen bins of equal width, the empty ones left out."""
    wide = pc.cast(confidence, pa.float64())
    at = pc.min_element_wise(pc.floor(pc.multiply(wide, float(BINS))), float(BINS - 1))
    table = pa.table({"bin": at, "sure": wide, "right": pc.cast(correct, pa.float64())})
    means = table.group_by("bin").aggregate(
        [("sure", "mean"), ("right", "mean"), ("sure", "count")]
    )
    rows = means.sort_by("bin").to_pylist()
    return [Bin(r["sure_mean"], r["right_mean"], r["sure_count"]) for r in rows]
