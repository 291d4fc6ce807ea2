"""A small dataset and its model, for runs that are made in shards."""

import numpy as np
import pyarrow as pa
from pyarrow import parquet

MANIFEST = """
schema = 1
name = "halves"
[source]
path = "rows.parquet"
id = "id"
split = "split"
[modality.x]
kind = "vector"
column = "x"
[modality.z]
kind = "vector"
column = "z"
[target]
column = "y"
kind = "class"
"""
MODEL = """
import numpy as np
class Half:
    modalities = ("x", "z")
    classes = ("no", "yes")
    accepts_missing = False
    def scores(self, batch, present):
        x, z = np.asarray(batch["x"]), np.asarray(batch["z"])
        p = 1 / (1 + np.exp(-4 * (x[:, :1] + 0.5 * z[:, :1] - 0.75)))
        return np.concatenate([1 - p, p], 1).astype(np.float32)
make = Half
"""


def write(folder, rows=120, seed=0):
    """The manifest of a dataset in a folder, with a model beside it."""
    rng = np.random.default_rng(seed)
    x = rng.random((rows, 4)).astype(np.float32)
    z = rng.random((rows, 3)).astype(np.float32)
    clear = x[:, 0] + 0.5 * z[:, 0] + 0.1 * rng.standard_normal(rows) > 0.75
    table = {
        "id": [f"s{i}" for i in range(rows)],
        "split": ["train" if i % 2 else "test" for i in range(rows)],
        "x": x.tolist(),
        "z": z.tolist(),
        "y": np.where(clear, "yes", "no").tolist(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(table), folder / "rows.parquet")
    (folder / "dataset.toml").write_text(MANIFEST)
    (folder / "model.py").write_text(MODEL)
    return folder / "dataset.toml"


def contents(folder, but=()):
    """The bytes of every file below a folder, by path."""
    paths = (p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file())
    return {path: (folder / path).read_bytes() for path in paths if path not in but}
