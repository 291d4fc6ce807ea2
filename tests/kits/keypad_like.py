"""A small dataset with every kind of modality, written as Parquet."""

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from mmaudit.kinds import audio, image

MANIFEST = """schema = 1
name = "everything"

[source]
path = "data.parquet"
id = "id"
split = "split"
group = "photo"
slices = ["site"]

[modality.camera]
kind = "image"
column = "camera"

[modality.caption]
kind = "text"
column = "caption"

[modality.sound]
kind = "audio"
column = "sound"

[modality.motion]
kind = "series"
column = "motion"

[modality.record]
kind = "table"
columns = ["age", "colour"]
categorical = ["colour"]

[modality.feature]
kind = "vector"
column = "feature"

[target]
column = "kind"
kind = "class"
"""
WORDS = ["dog", "cat", "tree", "car", "house", "street", "beach", "child"]


def write(folder, n=60, forms=("png", "jpeg"), broken=()):
    """Write the dataset and its manifest; return the manifest's path."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    media = {"camera": [], "sound": []}
    for i in range(n):
        smooth = np.kron(rng.integers(0, 255, (4, 4, 3), np.uint8), np.ones((6, 6, 1), np.uint8))
        data = image.encode(smooth, forms[i % len(forms)])
        media["camera"].append(
            {
                "bytes": b"no picture" if i in broken else data,
                "path": f"p{i}.{forms[i % len(forms)]}",
            }
        )
        tone = 0.3 * np.sin(np.arange(800) / (3 + i % 7))[:, None]
        media["sound"].append(
            {"bytes": audio.encode(tone.astype(np.float32), 8000), "path": f"s{i}.wav"}
        )
    table = pa.table(
        {
            "id": [f"row{i}" for i in range(n)],
            "split": ["train" if i % 3 else "test" for i in range(n)],
            "photo": [f"photo{i // 2}" for i in range(n)],
            "site": [f"{i % 4}" for i in range(n)],
            "kind": [("a", "b", "c")[i % 3] for i in range(n)],
            "caption": [" ".join(rng.choice(WORDS, 6)) for _ in range(n)],
            "motion": [rng.normal(size=(20, 2)).tolist() for _ in range(n)],
            "age": [float(20 + i % 9) if i % 10 else None for i in range(n)],
            "colour": [("red", "blue")[i % 2] for i in range(n)],
            "feature": [None if i % 7 == 6 else rng.normal(size=12).tolist() for i in range(n)],
            "camera": pa.array(media["camera"]),
            "sound": pa.array(media["sound"]),
        }
    )
    parquet.write_table(table, folder / "data.parquet")
    path = folder / "dataset.toml"
    path.write_text(MANIFEST)
    return path
