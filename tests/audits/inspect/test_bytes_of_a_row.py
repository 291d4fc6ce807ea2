"""What the summary of an inspection keeps of a row does not grow with the rows, and is little."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from loading import access
from mmaudit.audits.inspect.audit import prepare, summarise
from mmaudit.audits.inspect.options import Options
from mmaudit.inference.inputs import Inputs
from mmaudit.samples import dataset as data

FEW, MANY, WIDTH, UNIT = 4_000, 16_000, 16, 2_048
MOST = 300  # bytes of a row: 248 are, of which 128 are of fingerprints and bounded


def peak(folder, rows):
    """Bytes that a summary of vectors allocates at most, a hundredth of which are copies."""
    rng, path = np.random.default_rng(0), folder / f"{rows}.parquet"
    x = rng.normal(size=(rows, WIDTH)).astype(np.float32)
    x[: rows // 100] = x[rows // 100 : rows // 50].astype(np.float16)
    cells = pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), WIDTH)
    splits = np.where(rng.random(rows) < 0.2, "test", "train")
    names = [f"row-{i}" for i in range(rows)]
    parquet.write_table(pa.table({"id": names, "x": cells, "split": splits}), path)
    dataset = data.open(path)
    options, inputs = (
        Options(checks=("vector/*",)),
        Inputs(dataset=dataset, whole=dataset, access=access()),
    )
    work = prepare(options, inputs).work
    units = [work(range(s, min(s + UNIT, rows))) for s in range(0, rows, UNIT)]

    def read(columns=None, group=None, first=0):
        return (unit if columns is None else unit.select(columns) for unit in units[first:])

    tracemalloc.start()
    try:
        outcome = summarise(options, inputs, read)
        return tracemalloc.get_traced_memory()[1], outcome
    finally:
        tracemalloc.stop()


@pytest.mark.long
def test_a_row_takes_few_bytes_of_the_summary(tmp_path):
    few, _ = peak(tmp_path, FEW)
    many, outcome = peak(tmp_path, MANY)
    assert (many - few) / (MANY - FEW) < MOST
    assert any(
        row.metric == "near_duplicate_rate" and row.estimate.value > 0 for row in outcome.rows
    )
