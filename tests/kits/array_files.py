"""Arrays as data sets keep them, written as NumPy archives and as HDF5."""

import numpy as np
import pytest

N = 6
PIXELS = np.arange(N * 8 * 8, dtype=np.uint8).reshape(N, 8, 8)
KERAS = {
    "x_train": PIXELS,
    "y_train": np.arange(N) % 3,
    "x_test": PIXELS[:4] + 1,
    "y_test": np.arange(4) % 3,
}
FEATURES = {"emb": np.ones((N, 4), np.float32), "t": np.ones((N, 3, 2)), "label": np.arange(N) % 2}


def npz(path, arrays):
    np.savez_compressed(path.with_suffix(".npz"), **arrays)
    return path.with_suffix(".npz")


def hdf5(path, arrays):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path.with_suffix(".h5"), "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return path.with_suffix(".h5")
