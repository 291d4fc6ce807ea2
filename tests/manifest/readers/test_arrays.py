"""Arrays of NumPy archives and HDF5 files as columns: splits, pictures, what is refused."""

import numpy as np
import pytest

from mmaudit.errors import InputError, MissingError
from mmaudit.manifest import locate
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode

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


WRITERS = pytest.mark.parametrize("write", [npz, hdf5])


@WRITERS
def test_arrays_of_splits_are_pictures_with_classes(write, tmp_path):
    dataset = data.open(infer(write(tmp_path / "digits", KERAS)))
    assert dataset.splits == ("test", "train")
    assert dataset.kinds == {"image": "image"}
    assert dataset.classes == ("0", "1", "2")
    train, test = (dataset.select(split=split) for split in ("train", "test"))
    read = decode(train, train.read(range(N))).values["image"]
    assert np.array_equal(np.stack(read)[..., 0], PIXELS)
    assert len(test) == 4


@WRITERS
def test_arrays_of_numbers_are_vectors_and_series(write, tmp_path):
    dataset = data.open(infer(write(tmp_path / "features", FEATURES)))
    assert dataset.kinds == {"emb": "vector", "t": "series"}
    read = decode(dataset, dataset.read([3, 0, 3]))
    assert [v.shape for v in read.values["t"]] == [(3, 2)] * 3


@WRITERS
@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"x": np.zeros(N, complex)}, "complex128"),
        ({"x": np.zeros((N, 2, 2, 2))}, "4 axes"),
        (KERAS | {"z_train": np.zeros(N)}, "z"),
    ],
)
def test_what_is_no_column_is_named(write, arrays, why, tmp_path):
    with pytest.raises(InputError, match=why):
        locate.opened(str(write(tmp_path / "a", arrays)), tmp_path)


def test_objects_are_not_unpickled(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{}, []], object))
    with pytest.raises(InputError, match="Python objects"):
        locate.opened("a.npz", tmp_path)


def test_other_files_that_hdf5_leads_to_are_not_read(tmp_path):
    h5py = pytest.importorskip("h5py")
    hdf5(tmp_path / "secret", FEATURES)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["own"] = np.zeros(N)
        file["other"] = h5py.ExternalLink("secret.h5", "label")
    with pytest.raises(InputError, match="links are not followed"):
        locate.opened("a.h5", tmp_path)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_dataset("x", (N,), "u1", external=[(str(tmp_path / "a.h5"), 0, N)])
    with pytest.raises(InputError, match="in other files"):
        locate.opened("b.h5", tmp_path)


def test_without_its_package_hdf5_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(MissingError) as caught:
        locate.opened("a.h5", tmp_path)
    assert caught.value.fix == "pip install 'mmaudit[hdf5]'"
