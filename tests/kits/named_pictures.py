"""A dataset of pictures that a table names, and how it is put into a store."""

import numpy as np
import pyarrow as pa
from PIL import Image
from pyarrow import parquet

MANIFEST = """
schema = 1
[source]
path = "tables/rows.parquet"
root = "pictures"
id = "id"
[modality.photo]
kind = "image"
column = "file"
[target]
column = "label"
kind = "class"
"""


def pictures(folder, count=6):
    """A table that names pictures beside it."""
    rng = np.random.default_rng(0)
    (folder / "tables").mkdir(parents=True)
    (folder / "pictures" / "deep").mkdir(parents=True)
    for i in range(count):
        pixels = rng.integers(0, 255, (16, 16, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / "deep" / f"{i}.png")
    table = {"id": [f"{i}" for i in range(count)], "label": ["a", "b"] * (count // 2)}
    table["file"] = [f"deep/{i}.png" for i in range(count)]
    parquet.write_table(pa.table(table), folder / "tables" / "rows.parquet")
    (folder / "dataset.toml").write_text(MANIFEST)
    (folder / "other.bin").write_bytes(b"of nobody")
    return folder


def put(s3, folder, under="sets/one"):
    for path in folder.rglob("*"):
        if path.is_file():
            s3.put(f"{under}/{path.relative_to(folder).as_posix()}", path.read_bytes())
