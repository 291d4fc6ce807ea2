"""Late fusion of two series whose weights go with the share of time steps that are damaged.

Six channels of a series speak for the classes, and a last one is a gauge that is 1 or -1 at every clean step,
so that what is neither is a damaged step.
"""

import numpy as np
import pyarrow as pa
from pyarrow import parquet

CLASSES = tuple("abcdef")
STEPS = 40
MANIFEST = """schema = 1
name = "bursts"
[source]
path = "rows.parquet"
id = "id"
[modality.a]
kind = "series"
column = "a"
[modality.b]
kind = "series"
column = "b"
[target]
column = "label"
kind = "class"
"""


class Fuser:
    """Weights 1 less the share that is damaged; or fixed; or rising with it."""

    modalities, classes, output, accepts_missing = ("a", "b"), CLASSES, "logits", True

    def __init__(self, trust="follows"):
        self.slope = {"follows": -1.0, "fixed": 0.0, "wrong": 1.0}[trust]

    def weights(self, batch, present):
        there = np.stack([present[m] for m in self.modalities], 1)
        share = np.stack([[damaged_share(v) for v in batch[m]] for m in self.modalities], 1)
        return np.maximum(1 + self.slope * share, 1e-6) * there

    def scores(self, batch, present):
        w = self.weights(batch, present)
        w = w / np.maximum(w.sum(1, keepdims=True), 1e-9)
        each = [np.stack([np.asarray(v)[:, :6].mean(0) for v in batch[m]]) for m in self.modalities]
        return np.einsum("nm,nmk->nk", w, np.stack(each, 1)).astype(np.float32)


def damaged_share(series):
    """Share of the time steps whose gauge is off."""
    return float(np.mean(np.abs(np.asarray(series)[:, -1]) != 1))


def write(folder, n=300, *, steps=STEPS, order=None, seed=0):
    """A dataset of two series a sample; the path of its manifest."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 6, n)
    rows = {"id": [f"s{i:04d}" for i in range(n)], "label": [CLASSES[k] for k in labels]}
    for m in "ab":
        signal = 2 * np.eye(6)[labels][:, None] + rng.normal(size=(n, steps, 6))
        gauge = rng.choice([-1.0, 1.0], size=(n, steps, 1))
        values = np.concatenate([signal, gauge], 2).astype(np.float32)
        rows[m] = [value.tolist() for value in values]
    if order is not None:
        rows = {name: [column[i] for i in order] for name, column in rows.items()}
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(rows), folder / "rows.parquet")
    path = folder / "dataset.toml"
    path.write_text(MANIFEST)
    return path
