import hashlib
import os

import numpy as np
import pytest

import model_examples
from loading import load
from mmaudit.errors import InputError, MissingError, UsageError


@pytest.fixture
def file(tmp_path):
    return model_examples.factories(tmp_path / "model.py", tmp_path / "ran")


class Good:
    modalities = ("a",)
    classes = ("no", "yes")

    def scores(self, batch, present):
        return np.full((len(batch["a"]), 2), 0.5, np.float32)


def test_an_object_is_a_model_as_it_is():
    model = Good()
    loaded = load(model)
    assert loaded.model is model
    assert loaded.info.spec == "python object"
    assert loaded.info.output == "probabilities"
    assert not loaded.info.accepts_missing
    assert not loaded.info.two_stage
    assert loaded.info.device == "its own"


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"modalities": ()}, "does not name its modalities"),
        ({"modalities": "image"}, "does not name its modalities"),
        ({"modalities": ("a", "a")}, "twice"),
        ({"classes": ("one",)}, "two or more"),
        ({"classes": ("one", "one")}, "two or more"),
        ({"output": "odds"}, "its output is 'odds'"),
        ({"classes": None, "output": "logits"}, "names no classes"),
        ({"scores": None}, "no method scores"),
        ({"encode": print}, "without the other"),
    ],
)
def test_what_cannot_be_a_model_is_refused(said, match):
    model = type("Bad", (Good,), said)()
    with pytest.raises(InputError, match=match):
        load(model)


def test_classes_may_be_an_array_of_numbers():
    model = type("Numbered", (Good,), {"classes": np.array([3, 7])})()
    assert load(model).info.classes == ("3", "7")


@pytest.mark.parametrize("spec", ["model.onnx", "onnx:", ""])
def test_a_spec_has_an_adapter_and_a_place(spec):
    with pytest.raises(UsageError, match="is not a model"):
        load(spec)


def test_an_unknown_adapter_is_named_with_those_near_it():
    with pytest.raises(UsageError, match="no 'onx'") as refused:
        load("onx:model.onnx")
    assert "onnx" in refused.value.fix


def test_a_right_pin_opens_and_a_wrong_one_runs_nothing(file, tmp_path):
    right = hashlib.sha256(file.read_bytes()).hexdigest()
    for wrong in (f"python:{file}:plain", f"python:{file}:plain,sha256={'0' * 64}"):
        with pytest.raises(InputError, match="not the one that was pinned"):
            load(wrong, sha256="0" * 64)
    assert not (tmp_path / "ran").exists()
    assert load(f"python:{file}:plain", sha256=right.upper()).info.digest == right
    assert load(f"python:{file}:plain,sha256={right}").info.digest == right
    assert (tmp_path / "ran").exists()


def test_a_pin_that_is_none_is_refused(file):
    with pytest.raises(UsageError, match="not a sha256"):
        load(f"python:{file}:plain", sha256="abc")
    with pytest.raises(UsageError, match="two different"):
        load(f"python:{file}:plain,sha256={'0' * 64}", sha256="1" * 64)
    with pytest.raises(UsageError, match="no file to pin"):
        load(Good(), sha256="0" * 64)


def test_code_that_a_config_names_needs_trust(file, tmp_path):
    with pytest.raises(UsageError, match="config file names Python code") as refused:
        load(f"python:{file}:plain", named_by="audit.toml")
    assert "--trust" in refused.value.fix
    assert refused.value.where == f"audit.toml: python:{file}:plain"
    assert not (tmp_path / "ran").exists()
    assert load(f"python:{file}:plain", named_by="audit.toml", trust=True).info.modalities == ("a",)


def test_a_missing_file_is_missing(tmp_path):
    for spec in ("python:gone.py:f", "sklearn:gone.skops", "onnx:gone.onnx", "predictions:gone"):
        with pytest.raises(MissingError):
            load(spec)


def test_devices():
    with pytest.raises(UsageError, match="no device 'gpu'"):
        load(Good(), device="gpu")


def test_what_runs_on_the_cpu_only_says_so(tmp_path):
    (tmp_path / "answers.parquet").touch()
    with pytest.raises(UsageError, match="CPU only"):
        load(f"predictions:{tmp_path / 'answers.parquet'}", device="cuda")


@pytest.mark.parametrize("spec", ["onnx:{}", "sklearn:{}", "torchscript:{}", "export:{}"])
def test_a_model_from_a_pipe_or_a_device_is_refused_before_it_is_read(spec, tmp_path):
    os.mkfifo(tmp_path / "pipe.skops")
    for path in ("/dev/zero", tmp_path / "pipe.skops"):
        with pytest.raises(InputError, match="a pipe or a device"):
            load(spec.format(path), trust=True)
