"""Features of a sample are read once, whoever asks, and are the same whoever asked before."""

import numpy as np

import two_vectors
from mmaudit.audits.inspect.learning import features as module
from mmaudit.audits.inspect.learning.features import FeatureReader
from mmaudit.samples import dataset as data


def test_a_sample_is_decoded_once(tmp_path, monkeypatch):
    dataset = data.open(two_vectors.make(tmp_path / "data", 30))
    decoded = []
    original = module.column

    def column(cells, kind, shape):
        decoded.append(len(cells))
        return original(cells, kind, shape)

    monkeypatch.setattr(module, "column", column)
    reader = FeatureReader(dataset, 2**30)
    first = reader.of("left", np.array([5, 1, 3]))
    again = reader.of("left", np.array([3, 7, 1]))
    assert sum(decoded) == 4
    alone = FeatureReader(dataset, 2**30).of("left", np.array([3, 7, 1]))
    assert np.array_equal(again.rows, alone.rows)
    assert np.array_equal(again.rows[0], first.rows[2])
    assert again.there.all()
