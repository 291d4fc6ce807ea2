"""Sets of which nothing is wrong, each through the real audit of remedies, with few small trainings."""

from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq

import mmaudit as mm
import vector_files
from mmaudit.remedies import optimiser

CLASSES, WIDTH = 3, 4
TRAIN, TEST = 500, 100  # below 500 settings are chosen by folds, which takes longer
METHODS = ("balance/unimodal_losses", "dynamic/mcp", "balance/modality_dropout")


def verdicts(folder, seed, signal=1.0):
    """The verdicts of one set, by family of conditions.

    Args:
        folder: An empty one.
        seed: Of the set, and of the run.
        signal: How far class means are apart, in deviations; 0 for nothing to learn.
    """
    rng = np.random.default_rng(seed)
    n = TRAIN + TEST
    labels = rng.integers(0, CLASSES, n)
    means = signal * rng.normal(size=(2, CLASSES, WIDTH))
    views = means[:, labels] + rng.normal(size=(2, n, WIDTH))
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": [f"k{c}" for c in labels],
        "half": ["train"] * TRAIN + ["test"] * TEST,
        "a": views[0].tolist(),
        "b": views[1].tolist(),
    }
    where = vector_files.write(
        folder / "data",
        table,
        "a",
        "b",
        source='split = "half"',
        target=vector_files.CLASS_OF_LABEL,
    )
    small = {"seeds": 3, "steps": 12, "width": 6, "seed": seed, "quiet": True}
    with patch.object(optimiser, "AFTER_STEPS", 12):  # of what is fitted after a training
        mm.remedies(where, methods=METHODS, out=folder / "run", **small)
    said: dict[str, set[str]] = {}
    for row in pq.read_table(folder / "run" / "remedies" / "summary.parquet").to_pylist():
        if row["metric"] == "gain":
            said.setdefault(row["family"], set()).add(row["verdict"])
    return said
