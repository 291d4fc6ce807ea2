"""Models of Python code: where they are looked for, and what their functions are given."""

import numpy as np
import pytest
import torch

import model_examples
from loading import load
from mmaudit.errors import InputError, MissingError, UsageError


@pytest.fixture
def file(tmp_path):
    return model_examples.factories(tmp_path / "model.py", tmp_path / "ran")


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
    model_examples.factories(path, tmp_path / "ran")
    assert load(f"python:{path}:plain").info.modalities == ("a",)


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
    model_examples.factories(package / "net.py", tmp_path / "ran")
    assert load("python:my_models_for_a_test.net:plain").info.modalities == ("a",)


def test_a_file_may_import_what_lies_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    (tmp_path / "beside_the_model.py").write_text("CLASSES = ('no', 'yes')")
    (tmp_path / "model.py").write_text(
        "from beside_the_model import CLASSES\n"
        "class M:\n    modalities, classes = ('a',), CLASSES\n    def scores(self, b, p): ...\n"
    )
    assert load(f"python:{tmp_path / 'model.py'}:M").info.classes == ("no", "yes")
