"""Trained methods as models: what a file must be, and what every model owes."""

import json

import numpy as np
import pytest

from mmaudit.errors import InputError, MissingError
from mmaudit.models.access import PERSON, Access
from mmaudit.models.load import load
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.data import FusionData
from mmaudit.remedies.saved import to_bytes
from mmaudit.remedies.training import fit
from mmaudit.testing import check_adapter

N, WIDTHS = 600, {"a": 5, "b": 4}


@pytest.fixture(scope="module")
def content():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, N)
    features = {
        m: (labels[:, None] + rng.normal(size=(N, d))).astype(np.float32) for m, d in WIDTHS.items()
    }
    data = FusionData(
        features=features,
        present={m: np.ones(N, np.bool_) for m in WIDTHS},
        labels=labels,
        classes=("x", "y", "z"),
    )
    return to_bytes(fit("control/late_mean", data, 0, TrainingSetup(width=8, steps=20, look=10)))


def spec(folder, content):
    path = folder / "model.safetensors"
    path.write_bytes(content)
    return f"remedy:{path}"


def test_it_owes_what_every_model_owes(tmp_path, content):
    rng = np.random.default_rng(1)
    batch = {m: rng.normal(size=(12, d)).astype(np.float32) for m, d in WIDTHS.items()}
    check_adapter(spec(tmp_path, content), batch)


def changed(content, **values):
    """The file with another description."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    said = json.loads(header["__metadata__"]["mmaudit"]) | values
    header["__metadata__"]["mmaudit"] = json.dumps(said)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


@pytest.mark.parametrize(
    "values",
    [
        {"format": 2},
        {"modalities": ["a"], "widths": {"a": 7}},
        {"widths": {"a": 5, "b": 10**9}},
        {"outputs": 4},
        {"facts": {}},
        {"facts": 3},
        {"sources": {}},
        {"setup": {"rates": []}},
        {"classes": 5},
        {"classes": ["x", "y"]},
        {"classes": None},
        {"number": []},
    ],
    ids=str,
)
def test_a_file_that_says_other_than_it_holds_is_refused(tmp_path, content, values):
    with pytest.raises(InputError):
        load(spec(tmp_path, changed(content, **values)), Access(named_by=PERSON))


@pytest.mark.parametrize("cut", [0, 4, 100, -3])
def test_a_file_that_is_cut_off_is_refused(tmp_path, content, cut):
    with pytest.raises(InputError):
        load(spec(tmp_path, content[:cut]), Access(named_by=PERSON))


def test_no_file_is_missing(tmp_path):
    with pytest.raises(MissingError):
        load(f"remedy:{tmp_path / 'none.safetensors'}", Access(named_by=PERSON))
