"""Cases: small datasets, a model of no cost, and the commands that are killed on the way."""

import json
from dataclasses import dataclass
from pathlib import Path

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
SMALL = ("--methods", "control/*", "--seeds", "3", "--steps", "8", "--width", "4")
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
    "inspect": ("pictures", ("inspect", "dataset.toml"), ("--out", "OUT")),
    "missing": (
        "vectors",
        ("robustness", "dataset.toml", "--model", "python:model.py:both", "--missing"),
        ("--corruptions", "vector/dropout", *SWEEP),
    ),
    "adaptivity": (
        "vectors",
        ("adaptivity", "dataset.toml", "--model", "python:model.py:both"),
        ("--out", "OUT"),
    ),
    "remedies": (
        "split",
        ("remedies", "dataset.toml"),
        (*SMALL, "--out", "OUT"),
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


SHARDS = {  # what is shared out to two commands, and joined by a third
    "shards": "robustness",
    "shards of contributions": "contributions",
    "shards of inspect": "inspect",
}
MERGE = "merge"


@dataclass(frozen=True)
class Step:
    """A command of a case: its words, and the folder that it writes."""

    words: tuple[str, ...]
    out: Path

    def line(self, workers, *, resume):
        """All of its words; what is merged is merged again, whatever is there."""
        goes_on = resume and self.words[0] != MERGE
        return [*self.words, "--workers", str(workers), *(["--resume"] if goes_on else [])]


def steps(case, out):
    """The commands of a case, each of which may be killed; together they write a folder."""
    if case not in SHARDS:
        return [_step(case, out)]
    parts = [out / "1", out / "2"]
    shares = (("--shard", f"{i}/2") for i in (1, 2))
    each = [_step(SHARDS[case], part, *share) for part, share in zip(parts, shares, strict=True)]
    whole = out / "whole"
    return [*each, Step((MERGE, str(whole), *map(str, parts), "--trust"), whole)]


def _step(case, out, *more):
    _, first, rest = CASES[case]
    return Step(tuple(str(out) if w == "OUT" else w for w in (*first, *rest, *more)), out)


def folder(case):
    """The name of the folder whose dataset a case is of."""
    return CASES[SHARDS.get(case, case)][0]


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
    vector = '[modality.v]\nkind = "vector"\ncolumn = "v"\n'
    _texts(root / "vectors", columns | made, vector)
    splits = {"split": ["train" if i % 3 else "test" for i in range(rows)]}
    _texts(root / "split", columns | made | splits, vector, head=f'{HEAD}split = "split"\n')
    _pairs(root / "pairs", rng, rows)
    _pictures(root / "pictures", rng, rows // 10)


def _texts(folder, columns, more="", source="d.parquet", head=HEAD):
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / source)
    text = '[modality.text]\nkind = "text"\ncolumn = "caption"\n'
    (folder / "dataset.toml").write_text(head.format(source=source) + text + more + TARGET)
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
