"""HDF5: what leads out of a file is refused, and the package is asked for; the rest with NumPy's."""

import sys

import numpy as np
import pytest

from array_files import FEATURES, N, hdf5
from mmaudit.errors import InputError, MissingError
from mmaudit.manifest import locate


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
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingError) as caught:
        locate.opened("a.h5", tmp_path)
    assert caught.value.fix == "pip install 'mmaudit[hdf5]'"
