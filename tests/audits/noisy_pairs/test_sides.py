"""The encoder of pairs does not wait: what comes next is read and prepared while it works."""

import threading

import numpy as np
import pytest
import torch

from mmaudit.audits.noisy_pairs.encoders import PairEncoder
from mmaudit.audits.noisy_pairs.sides import embedded as embedded_by
from mmaudit.errors import InputError
from mmaudit.models.base import ModelInfo
from mmaudit.models.load import Loaded
from mmaudit.samples.dataset import open as open_dataset

BATCHES, SIZE = 6, 8
NAMES = ("left", "right")


class Watched:
    """An encoder that goes on with a batch only once the batch after it has been prepared."""

    def __init__(self):
        self.lock = threading.Lock()
        self.ready = [threading.Event() for _ in range(BATCHES)]
        self.sides = [0] * BATCHES
        self.threads = set()
        self.batch = 0

    def prepare(self, modality, values):
        number = int(np.asarray(values)[0, 0]) // SIZE
        with self.lock:
            self.threads.add(threading.get_ident())
            self.sides[number] += 1
            if self.sides[number] == len(NAMES):
                self.ready[number].set()
        return torch.from_numpy(np.asarray(values, np.float32))

    def scores(self, batch, present):
        assert all(isinstance(values, torch.Tensor) for values in batch.values())
        after = min(self.batch + 1, BATCHES - 1)
        assert self.ready[after].wait(timeout=60), f"batch {after} was not prepared meanwhile"
        self.batch += 1
        return np.stack([batch[name].numpy() for name in NAMES], axis=1)


@pytest.fixture
def dataset(tmp_path):
    n = BATCHES * SIZE
    rows = [f"p{i},{i},{i % 5 + 1},{i},{i % 7 + 1}" for i in range(n)]  # zeros are no values
    (tmp_path / "rows.csv").write_text("\n".join(["id,a,b,c,d", *rows]) + "\n")
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\nname = "vectors"\n[source]\npath = "rows.csv"\nid = "id"\n'
        '[modality.left]\nkind = "vector"\ncolumns = ["a", "b"]\n'
        '[modality.right]\nkind = "vector"\ncolumns = ["c", "d"]\n'
    )
    return open_dataset(tmp_path / "dataset.toml")


def embedded(dataset, workers):
    model = Watched()
    info = ModelInfo(
        spec="watched",
        digest="0",
        modalities=NAMES,
        classes=None,
        output="embeddings",
        accepts_missing=True,
        two_stage=False,
    )
    loaded = Loaded(model=model, info=info)
    encoder = PairEncoder(dict.fromkeys(NAMES, loaded), "watched")
    return model, embedded_by(dataset, NAMES, encoder, batch=SIZE, workers=workers)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_next_batch_is_prepared_while_one_is_encoded(dataset, workers):
    model, given = embedded(dataset, workers)
    assert model.batch == BATCHES
    assert threading.get_ident() not in model.threads  # nothing is prepared where it is encoded
    n = BATCHES * SIZE
    assert given.positions.tolist() == list(range(n))
    assert given.left[:, 0].tolist() == list(range(n))
    assert given.right[:, 1].tolist() == [i % 7 + 1 for i in range(n)]


class Failing:
    """An encoder that fails on one sample."""

    def scores(self, batch, present):
        left = np.asarray(batch["left"], np.float32)
        if 11 in left[:, 0]:
            raise ValueError("no such colour")
        return np.stack([left, np.asarray(batch["right"], np.float32)], axis=1)


def test_a_sample_that_the_encoder_fails_on_is_named(dataset, monkeypatch):
    monkeypatch.setitem(embedded.__globals__, "Watched", Failing)
    name = dataset.column("id")[11].as_py()
    with pytest.raises(InputError, match=f"no such colour for the sample '{name}'"):
        embedded(dataset, 1)
