import hashlib

import numpy as np
import pytest
import torch

from mmaudit.errors import InputError, MissingError, UsageError
from mmaudit.models.load import load

FACTORY = """
from pathlib import Path

Path({ran!r}).touch()


class Model:
    modalities = ("a",)
    classes = None

    def __init__(self, scale=1.0, device="none"):
        self.scale, self.device = float(scale), device

    def scores(self, batch, present):
        return batch["a"][:, 0] * self.scale


def plain():
    return Model()


def scaled(scale):
    return Model(scale)


def placed(device):
    return Model(device=device)


def nothing():
    return None
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(FACTORY.format(ran=str(tmp_path / "ran")))
    return path


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


def test_options_in_the_spec_reach_the_adapter(file):
    batch = {"a": np.array([[2.0]])}
    model = load(f"python:{file}:scaled,scale=3").model
    assert model.scores(batch, {})[0] == 6.0
    assert load(f"python:{file}:scaled", options={"scale": "4"}).model.scores(batch, {})[0] == 8.0
    with pytest.raises(UsageError, match="two values"):
        load(f"python:{file}:scaled,scale=3", options={"scale": "4"})
    with pytest.raises(UsageError, match="no option 'scal'") as refused:
        load(f"python:{file}:scaled,scal=3")
    assert refused.value.fix == "scale"


def test_a_comma_in_a_path_is_no_option(tmp_path):
    path = tmp_path / "a,b.py"
    path.write_text(FACTORY.format(ran=str(tmp_path / "ran")))
    assert load(f"python:{path}:plain").info.modalities == ("a",)


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
        load(f"python:{file}:plain", from_config=True)
    assert "--trust" in refused.value.fix
    assert not (tmp_path / "ran").exists()
    assert load(f"python:{file}:plain", from_config=True, trust=True).info.modalities == ("a",)


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


def test_a_factory_is_told_its_device(file):
    here = "cuda" if torch.cuda.is_available() else "cpu"
    assert load(f"python:{file}:placed").info.device == here
    assert load(f"python:{file}:placed", device="cpu").info.device == "cpu"
    with pytest.raises(UsageError, match="without a parameter device"):
        load(f"python:{file}:plain", device="cuda")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_device_that_is_not_there_is_missing(file):
    with pytest.raises(MissingError, match="no CUDA") as refused:
        load(f"python:{file}:placed", device="cuda")
    assert refused.value.exit_code == 4


def test_python_code_that_is_not_there(file, tmp_path):
    with pytest.raises(InputError, match="no function 'plane'") as refused:
        load(f"python:{file}:plane")
    assert "plain" in refused.value.fix
    with pytest.raises(InputError, match="not a model"):
        load(f"python:{file}:nothing")
    with pytest.raises(UsageError, match="names no function"):
        load(f"python:{file}")
    with pytest.raises(MissingError, match="no module 'not_there'"):
        load("python:not_there:factory")
    needy = tmp_path / "needy.py"
    needy.write_text("import not_a_package_of_anyone")
    with pytest.raises(MissingError, match="needs the module 'not_a_package_of_anyone'"):
        load(f"python:{needy}:factory")


def test_a_module_is_found_in_the_working_folder_without_importing_it(tmp_path, monkeypatch):
    package = tmp_path / "my_models_for_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "net.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    with pytest.raises(InputError, match="not the one that was pinned"):
        load("python:my_models_for_a_test.net:factory", sha256="0" * 64)
    (package / "__init__.py").write_text("")
    (package / "net.py").write_text(FACTORY.format(ran=str(tmp_path / "ran")))
    assert load("python:my_models_for_a_test.net:plain").info.modalities == ("a",)


def test_a_file_may_import_what_lies_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    (tmp_path / "beside_the_model.py").write_text("CLASSES = ('no', 'yes')")
    (tmp_path / "model.py").write_text(
        "from beside_the_model import CLASSES\n"
        "class M:\n    modalities, classes = ('a',), CLASSES\n    def scores(self, b, p): ...\n"
    )
    assert load(f"python:{tmp_path / 'model.py'}:M").info.classes == ("no", "yes")
