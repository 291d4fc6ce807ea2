"""Arrays of NumPy archives and HDF5 files as columns: splits, pictures, what is refused."""

import numpy as np
import pytest

from array_files import FEATURES, KERAS, PIXELS, N, hdf5, npz
from mmaudit.errors import InputError
from mmaudit.manifest import locate
from mmaudit.manifest.infer import infer
from mmaudit.samples import dataset as data
from mmaudit.samples.decode import decode

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
