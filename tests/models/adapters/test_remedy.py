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


def trained(name):
    """A method, trained on two vectors that say the class."""
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
    return to_bytes(fit(name, data, 0, TrainingSetup(width=8, steps=20, look=10)))


@pytest.fixture(scope="module")
def content():
    return trained("control/late_mean")


def asked(folder, name):
    """A method opened as a model, some values, and its answers with both, and with each alone."""
    model = load(spec(folder, trained(name)), Access(named_by=PERSON)).model
    rng = np.random.default_rng(1)
    batch = {m: rng.normal(size=(40, d)).astype(np.float32) for m, d in WIDTHS.items()}
    here, nowhere = np.ones(40, bool), np.zeros(40, bool)
    both = dict.fromkeys(WIDTHS, here)
    alone = [{m: here if m == one else nowhere for m in WIDTHS} for one in WIDTHS]
    return model, batch, both, [model.scores(batch, there) for there in (both, *alone)]


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
        {"setup": {"settings": []}},
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


@pytest.mark.parametrize("name", ["dynamic/mcp", "dynamic/tcp", "balance/mla"])
def test_weights_are_those_that_the_answer_is_a_mean_by(tmp_path, name):
    model, batch, both, (whole, *alone) = asked(tmp_path, name)
    weights = model.weights(batch, both)
    assert weights.std(0).min() > 1e-3
    mean = sum(weights[:, k : k + 1] * answer for k, answer in enumerate(alone))
    assert np.allclose(mean, whole, atol=1e-5)


def test_evidence_is_that_of_the_answer_of_each_alone(tmp_path):
    model, batch, both, (_, *alone) = asked(tmp_path, "dynamic/tmc")
    for m, answer in zip(WIDTHS, alone, strict=True):
        alpha = model.evidence(batch, both)[m] + 1
        assert np.allclose(alpha / alpha.sum(1, keepdims=True), answer, atol=1e-5)


def test_a_method_without_trust_says_none(tmp_path, content):
    model = load(spec(tmp_path, content), Access(named_by=PERSON)).model
    assert not hasattr(model, "weights")
    assert not hasattr(model, "evidence")
