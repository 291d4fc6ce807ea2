"""Cases: small datasets, a model of no cost, and the commands that are killed on the way."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

SLOW = "KILLS_SLOW"  # seconds that the model takes for a batch
UNIT = 60  # rows of a unit: a run of some hundred samples has as many as a large one
WORDS = [
    "a",
    "man",
    "in",
    "a",
    "red",
    "jacket",
    "and",
    "the",
    "brown",
    "dog",
    "runs",
    "across",
    "wide",
    "green",
    "fields",
    "near",
    "water",
]
HEAD = 'schema = 1\nname = "kills"\n[source]\npath = "{source}"\nid = "id"\n'
TARGET = '[target]\ncolumn = "label"\nkind = "class"\nclasses = ["0", "1"]\n'
MODEL = """
import os
import time

import numpy as np

class Length:
    classes = ("0", "1")
    accepts_missing = True

    def __init__(self, *modalities):
        self.modalities = modalities

    def scores(self, batch, present):
        time.sleep(float(os.environ.get("KILLS_SLOW", "0")))
        x = np.zeros(len(present[self.modalities[0]]))
        for m in self.modalities:
            size = [len(v) if isinstance(v, str) else 40 + 9 * float(np.sum(v)) for v in batch[m]]
            x += np.where(present[m], np.asarray(size, float) - 40, 0)
        p = 1 / (1 + np.exp(-x / 20))
        return np.stack([1 - p, p], 1).astype(np.float32)

def text():
    return Length("text")

def both():
    return Length("text", "v")
"""
AUDIT = """schema = 1
dataset = "dataset.toml"
model = "python:model.py:both"
[robustness]
corruptions = ["text/keyboard"]
severities = [3]
replicates = 20
[contributions]
replicates = 20
[[check]]
id = "clean"
metric = "robustness.accuracy{condition=clean}"
min = 0.1
"""
SWEEP = ("--severities", "3", "--replicates", "20", "--out", "OUT")
APPLY = ("--apply", "text/keyboard:3@text", "--apply", "pairing/shuffle:2@text")
CASES = {
    "robustness": (
        "texts",
        ("robustness", "dataset.toml", "--model", "python:model.py:text"),
        ("--corruptions", "text/keyboard,text/ocr", *SWEEP),
    ),
    "vectors": (
        "vectors",
        ("robustness", "dataset.toml", "--model", "python:model.py:both"),
        ("--corruptions", "vector/dropout,vector/scale", *SWEEP),
    ),
    "contributions": (
        "vectors",
        ("contributions", "dataset.toml", "--model", "python:model.py:both"),
        ("--replicates", "20", "--out", "OUT"),
    ),
    "noisy-pairs": (
        "pairs",
        ("noisy-pairs", "dataset.toml", "--embeddings", "image=a.npy,text=b.npy"),
        ("--method", "similarity", "--out", "OUT"),
    ),
    "run": ("vectors", ("run", "audit.toml", "--trust"), ("--out", "OUT")),
    "corrupt": ("texts", ("corrupt", "dataset.toml", "OUT"), APPLY),
    "parquet": ("texts", ("corrupt", "dataset.toml", "OUT"), (*APPLY, "--format", "parquet")),
    "pictures": (
        "pictures",
        ("corrupt", "dataset.toml", "OUT"),
        ("--apply", "image/contrast:3@image"),
    ),
    "webdataset": (
        "pictures",
        ("corrupt", "dataset.toml", "OUT"),
        ("--apply", "image/contrast:3@image", "--format", "webdataset"),
    ),
}
BY_WORKERS = ("robustness", "run", "corrupt", "parquet")  # those whose units run in processes


def command(case, out, workers, *, resume):
    """The words of a case's command."""
    _, first, rest = CASES[case]
    words = [str(out) if word == "OUT" else word for word in (*first, *rest)]
    return [*words, "--workers", str(workers), *(["--resume"] if resume else [])]


def build(root, rows=600):
    """Write the datasets below a folder."""
    rng = np.random.default_rng(0)
    captions = [" ".join(rng.choice(WORDS, rng.integers(6, 14))) for _ in range(rows)]
    columns = {
        "id": [f"s{i:05d}" for i in range(rows)],
        "caption": captions,
        "label": [str(int(len(c) > 40)) for c in captions],
    }
    vectors = rng.normal(size=(rows, 4)).astype(np.float32)
    made = {"v": pa.FixedSizeListArray.from_arrays(vectors.ravel(), 4)}
    _texts(root / "texts", columns)
    _texts(root / "vectors", columns | made, '[modality.v]\nkind = "vector"\ncolumn = "v"\n')
    _pairs(root / "pairs", rng, rows)
    _pictures(root / "pictures", rng, rows // 10)


def _texts(folder, columns, more="", source="d.parquet"):
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / source)
    text = '[modality.text]\nkind = "text"\ncolumn = "caption"\n'
    (folder / "dataset.toml").write_text(HEAD.format(source=source) + text + more + TARGET)
    (folder / "model.py").write_text(MODEL)
    (folder / "audit.toml").write_text(AUDIT)


def _pairs(folder, rng, rows):
    names = [f"x{i}" for i in range(rows)]
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"id": names, "image": names, "text": names}), folder / "d.parquet")
    kinds = (f'[modality.{m}]\nkind = "text"\ncolumn = "{m}"\n' for m in ("image", "text"))
    (folder / "dataset.toml").write_text(HEAD.format(source="d.parquet") + "".join(kinds))
    one = rng.normal(size=(rows, 16))
    other = np.where(rng.random((rows, 1)) < 0.1, rng.normal(size=(rows, 16)), one)
    for name, side in (("a", one), ("b", other)):
        np.save(folder / f"{name}.npy", (side + rng.normal(size=side.shape)).astype(np.float32))


def _pictures(folder, rng, rows):
    folder.mkdir(parents=True)
    lines = []
    for i in range(rows):
        picture = rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{i}.png")
        lines.append(json.dumps({"id": f"s{i}", "file_name": f"{i}.png", "label": i % 2}))
    (folder / "d.jsonl").write_text("\n".join(lines) + "\n")
    image = '[modality.image]\nkind = "image"\ncolumn = "file_name"\n'
    (folder / "dataset.toml").write_text(HEAD.format(source="d.jsonl") + image)
