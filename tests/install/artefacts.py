"""One artefact of each library that is a neighbour, as its users leave them; run in a folder.

The commands that read them are in `matrix.OF_LIBRARIES`.
"""

import base64
from pathlib import Path

import h5py
import joblib
import numpy as np
import skops.io
import torch
from sklearn.linear_model import LogisticRegression

ROWS = 200
ONNX = (  # a MatMul of ``vector`` that gives ``logits``: onnx itself is not among the extras
    "CAgSADpzChsKBnZlY3RvcgoBdxIGbG9naXRzIgZNYXRNdWwSAWcqGwgCCAIQAUIBd0oQAACAvwAAgD8AAAAAAAAAAFo"
    "ZCgZ2ZWN0b3ISDwoNCAESCQoDEgFuCgIIAmIZCgZsb2dpdHMSDwoNCAESCQoDEgFuCgIIAkIECgAQEQ=="
)
MANIFEST = """schema = 1
name = "v"
[source]
path = "v.csv"
id = "id"
[modality.vector]
kind = "vector"
columns = ["a", "b"]
[target]
column = "label"
kind = "class"
"""
TEXT = """[modality.text]
kind = "text"
column = "caption"
"""
WORDS = """
import numpy as np

class Words:
    modalities, classes = ("vector", "text"), ("down", "up")

    def scores(self, batch, present):
        up = np.array([0.9 if "up" in (text or "") else 0.1 for text in batch["text"]])
        return np.stack([1 - up, up], 1).astype(np.float32)

def make():
    return Words()
"""


class Net(torch.nn.Module):
    def forward(self, vector):
        return torch.cat([-vector[:, :1], vector[:, :1]], 1)


def main():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 2)).astype(np.float32)
    y = np.where(x[:, 0] > 0, "up", "down")
    said = [f"it goes {word} from here" for word in y]
    rows = [f"s{i},{a},{b},{c},{said[i]}\n" for i, ((a, b), c) in enumerate(zip(x, y, strict=True))]
    Path("v.csv").write_text("id,a,b,label,caption\n" + "".join(rows))
    Path("v.toml").write_text(MANIFEST)
    Path("pairs.toml").write_text(MANIFEST + TEXT)
    Path("words.py").write_text(WORDS)
    fitted = LogisticRegression().fit(x, y)
    skops.io.dump(fitted, "m.skops")
    joblib.dump(fitted, "m.joblib")
    Path("m.onnx").write_bytes(base64.b64decode(ONNX))
    torch.jit.trace(Net(), (torch.zeros(4, 2),)).save("m.pt")
    size = torch.export.Dim("n", min=1, max=4096)
    exported = torch.export.export(
        Net(), (torch.zeros(4, 2),), dynamic_shapes={"vector": {0: size}}
    )
    torch.export.save(exported, "m.pt2")
    with h5py.File("v.h5", "w") as file:
        file["vector"], file["label"] = x, y.astype("S4")
    for name in ("image", "text"):
        np.save(f"{name}.npy", np.hstack([x + rng.normal(0, 0.1, x.shape), x**2]))


if __name__ == "__main__":
    main()
