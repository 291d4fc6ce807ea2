"""A set of rows with everything that a plan may ask for."""

import numpy as np

from mmaudit.corruptions.base import Rows

WORDS = ["red", "dog", "cat", "child", "ball", "street", "beach", "snow", "tree", "car", "boat"]


def make_rows(n=120, modalities=("image", "text", "audio"), order=None, groups=True):
    """A set with everything that a plan may ask for, listed in any order."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, n)
    group = np.array([f"photo{i // 3}" for i in range(n)], object)
    scores = {name: rng.normal(size=n) for name in ("age", *modalities)}
    texts = [" ".join(rng.choice(WORDS, 5)) for _ in range(n)]
    order = np.arange(n) if order is None else order
    return Rows(
        ids=[f"row{i}" for i in order],
        modalities=modalities,
        present=np.ones((n, len(modalities)), bool),
        labels=labels[order],
        classes=4,
        groups=group[order] if groups else None,
        scores={k: v[order] for k, v in scores.items()},
        texts={"text": [texts[i] for i in order]},
    )
