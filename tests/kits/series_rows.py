"""A dataset of a series and a vector; series are of many lengths, and say the class by a wave."""

import numpy as np

import vector_files

CLASSES = ("rise", "fall")


def write(folder, train, test, *, seed=0):
    """Rows that train and rows that judge; the manifest's path.

    The class is whether the first channel rises or falls over the series' own time; its mean and
    the vector do not say it.
    """
    rng, n = np.random.default_rng(seed), train + test
    labels = rng.integers(0, 2, n)
    table = {
        "id": [f"r{i}" for i in range(n)],
        "label": [CLASSES[k] for k in labels],
        "split": ["train"] * train + ["test"] * test,
        "wave": [_wave(rng, k).tolist() for k in labels],
        "other": rng.normal(size=(n, 3)).tolist(),
    }
    path = vector_files.write(
        folder, table, "other", source='split = "split"\n', target=vector_files.CLASS_OF_LABEL
    )
    wave = '[modality.wave]\nkind = "series"\ncolumn = "wave"\n'
    path.write_text(path.read_text().replace("[modality.other]", f"{wave}[modality.other]"))
    return path


def _wave(rng, label):
    length = int(rng.integers(5, 60))
    slope = np.linspace(-1, 1, length) * (1 if label == 0 else -1)
    return np.stack([slope, np.zeros(length)], 1) + rng.normal(0, 0.7, (length, 2))
