"""Attacks on pictures of several sizes, beside a modality that the model cannot do without."""

from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image
from pyarrow import parquet

import mmaudit as mm

N = 30
MANIFEST = """schema = 1
name = "pictures"
[source]
path = "rows.parquet"
id = "id"
[modality.image]
kind = "image"
column = "image"
[modality.x]
kind = "vector"
column = "x"
[target]
column = "label"
kind = "class"
"""


class Bright(torch.nn.Module):
    """Says whether a picture's mean is above grey, moved by a vector; every pixel counts alike."""

    modalities, classes, output = ("image", "x"), ("dark", "light"), "logits"

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(0.05))

    def forward(self, batch, present):
        means = [v.double().mean() for v in batch["image"]]
        z = self.scale * (torch.stack(means) - 128 + batch["x"].double().mean(1))
        return torch.stack([-z, z], 1)

    def scores(self, batch, present):
        tensors = {m: [torch.from_numpy(np.array(v)) for v in batch[m]] for m in self.modalities}
        tensors["x"] = torch.stack(tensors["x"])
        return self.forward(tensors, present).detach().numpy()


def png(pixels):
    file = BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("pictures")
    sizes = [(6, 7), (5, 5)]
    pictures = [
        np.clip(rng.normal(128 + 12 * rng.normal(), 20, (*sizes[i % 2], 3)), 0, 255).astype(
            np.uint8
        )
        for i in range(N)
    ]
    labels = ["light" if p.mean() > 128 else "dark" for p in pictures]
    x = [None if i % 6 == 0 else rng.normal(0, 0.5, 3).astype(np.float32) for i in range(N)]
    rows = pa.table(
        {
            "id": [f"r{i}" for i in range(N)],
            "label": labels,
            "image": [png(p) for p in pictures],
            "x": x,
        }
    )
    parquet.write_table(rows, folder / "rows.parquet")
    (folder / "dataset.toml").write_text(MANIFEST)
    return folder / "dataset.toml", pictures


def test_every_pixel_goes_to_the_edge_of_the_ball(dataset):
    """The mean moves by the radius, but for what white and black cannot: the closed form."""
    path, pictures = dataset
    run = mm.robustness(
        path,
        Bright().eval(),
        corruptions=("image/brightness",),
        severities=(1, 5),
        attack=("image",),
        absent=("zeros",),
        replicates=10,
        quiet=True,
    )
    table = run["robustness/samples"].to_pandas()
    for severity, radius in ((1, 1), (5, 16)):
        some = table[table.condition == f"attack/pgd:{severity}@image"]
        assert (some.dose == radius).all()
        assert some.touched.all()
    clean, worst = (table[table.condition == c] for c in ("clean", "attack/pgd:5@image"))
    logits = [np.log(t.p_true / (1 - t.p_true)).to_numpy() / 2 / 0.05 for t in (clean, worst)]
    sign = np.where(clean.label == "light", -1, 1)
    moved = [
        np.abs(np.clip(p + 16.0 * s, 0, 255) - p).mean()
        for p, s in zip(pictures, sign, strict=True)
    ]
    np.testing.assert_allclose(logits[0] - logits[1], moved, rtol=1e-3)
