"""A small dataset of two vectors and models that count what they are asked."""

from collections import Counter

import numpy as np

CLASSES = ("a", "b", "c")


def make(folder, n, *, noise=1.0, groups=False):
    import vector_files  # here: tests copy this file as a model's, which stands alone

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, n)
    columns = {
        side: [x.tolist() for x in labels[:, None] + rng.normal(0, noise, (n, 4))]
        for side in ("left", "right")
    }
    table = {
        "id": [f"row{i}" for i in range(n)],
        "label": [CLASSES[k] for k in labels],
        "site": [f"site{i % 40}" for i in range(n)],
        "half": ["even" if i % 2 == 0 else "odd" for i in range(n)],
        **columns,
    }
    source = 'slices = ["half"]' + ('\ngroup = "site"' if groups else "")
    named = {"name": "vectors", "source": source, "target": vector_files.CLASS_OF_LABEL}
    return vector_files.write(folder, table, "left", "right", **named)


def nearest(middle):
    p = np.exp(-10 * (middle[:, None] - np.arange(3)) ** 2) + 1e-6
    return (p / p.sum(1, keepdims=True)).astype(np.float32)


class Nearest:
    """The class whose number is nearest to the mean of what is present."""

    modalities = ("left", "right")
    classes = CLASSES
    accepts_missing = True

    def __init__(self):
        self.asked = Counter()

    def scores(self, batch, present):
        self.asked["scores"] += len(batch["left"])
        means = [np.asarray(batch[m], np.float64).mean(1) for m in self.modalities]
        there = [np.asarray(present[m], float) for m in self.modalities]
        weight = np.maximum(sum(there), 1e-9)
        return nearest(sum(v * t for v, t in zip(means, there, strict=True)) / weight)


class NearestOfTwo(Nearest):
    """The same in two stages."""

    def encode(self, modality, values):
        self.asked["encode"] += len(values)
        return np.asarray(values, np.float32).mean(1, keepdims=True)

    def fuse(self, features, present):
        self.asked["fuse"] += len(features["left"])
        there = [np.asarray(present[m], float) for m in self.modalities]
        values = [features[m][:, 0] * t for m, t in zip(self.modalities, there, strict=True)]
        return nearest(sum(values) / np.maximum(sum(there), 1e-9))
