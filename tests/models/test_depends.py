"""What a resumed run knows: modules beside the model, files that it reads, versions of packages."""

import json
import os
import sys
from importlib.metadata import packages_distributions

import numpy as np
import pytest

import mmaudit as mm
import two_vectors
from loading import load
from mmaudit.errors import UsageError
from mmaudit.models.depends import _distributions, code, noted
from mmaudit.tables.signed import signed

MODEL = """
import os
from pathlib import Path
import numpy as np
import scipy.special
from net_of_a_test import softmax
HERE = Path(__file__).parent
class Model:
    modalities, classes = ("left", "right"), ("a", "b", "c")
    accepts_missing = True
    def __init__(self):
        self.scale = np.load(os.path.join(HERE, *["we" + "ights.npy"]))
        self.native = (HERE / "folder" / "native.bin").exists()
    def scores(self, batch, present):
        return softmax(np.asarray(batch["left"])[:, :3] * self.scale)
def encoder():
    return Model()
"""
NET = """
import numpy as np
def softmax(x):
    from inner_of_a_test import lazily
    p = np.exp(lazily(x))
    return (p / p.sum(1, keepdims=True)).astype(np.float32)
"""
FILES = ("net_of_a_test.py", "inner_of_a_test/__init__.py", "weights.npy", "folder/native.bin")
ASK = {"corruptions": ("vector/dropout",), "severities": (3,), "replicates": 2, "quiet": True}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.path", [*sys.path])
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "net_of_a_test.py").write_text(NET)
    (tmp_path / "inner_of_a_test").mkdir()
    (tmp_path / "inner_of_a_test" / "__init__.py").write_text("def lazily(x):\n    return x\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "native.bin").write_bytes(b"read by native code")
    np.save(tmp_path / "weights.npy", np.ones(3))
    two_vectors.make(tmp_path, 48)
    yield tmp_path
    for name in [n for n in sys.modules if n.endswith("_of_a_test")]:
        del sys.modules[name]


def sweep(place, **options):
    spec = f"python:{place / 'model.py'}:Model"
    return mm.robustness(place / "dataset.toml", spec, out=place / "run", **ASK, **options)


def other(path):
    """The same file with other bytes that mean the same."""
    if path.suffix == ".npy":
        np.save(path, np.full(3, 2.0))
    else:
        path.write_bytes(path.read_bytes() + b"\n# another one\n")


def test_a_run_is_not_gone_on_with_where_what_it_depends_on_changed(place):
    sweep(place)
    sweep(place, resume=True)
    for name in FILES:
        before = (place / name).read_bytes()
        other(place / name)
        with pytest.raises(UsageError) as refused:
            sweep(place, resume=True)
        assert refused.value.what == (
            f"the run in this folder was another one: files: {place / name} changed"
        )
        assert refused.value.fix == "the same as before, or another --out"
        (place / name).write_bytes(before)
    (place / "beside.txt").write_text("nobody names this")
    sweep(place, resume=True)
    (place / "folder" / "native.bin").unlink()
    with pytest.raises(UsageError, match=r"files: .*native\.bin changed"):
        sweep(place, resume=True)


@pytest.mark.parametrize("package", ["numpy", "torch", "scipy", "pillow"])
def test_versions_are_known(place, package):
    sweep(place)
    path = place / "run" / "robustness" / "plan.json"
    plan = json.loads(path.read_text())
    now = plan["packages"][package]
    plan["packages"][package] = "0.0.1"
    path.write_text(json.dumps(signed(plan)))
    with pytest.raises(UsageError) as refused:
        sweep(place, resume=True)
    said = f'packages: {package} changed, "0.0.1" before and "{now}" now'
    assert refused.value.what.endswith(said)


def test_models_that_options_name_are_known_too(place):
    spec = f"python:{place / 'model.py'}:Model"
    ask = {"absent": ("zeros",), "replicates": 2, "quiet": True, "out": place / "run"}
    ask["checkpoint"] = (f"python:{place / 'early.py'}:Model",)
    (place / "early.py").write_text(MODEL.replace("net_of_a_test", "early_net_of_a_test"))
    (place / "early_net_of_a_test.py").write_text(NET)
    mm.contributions(place / "dataset.toml", spec, **ask)
    other(place / "early_net_of_a_test.py")
    with pytest.raises(UsageError, match=r"files: .*early_net_of_a_test\.py changed"):
        mm.contributions(place / "dataset.toml", spec, resume=True, **ask)


def test_files_that_a_spec_names_and_a_list_of_the_module(place, monkeypatch):
    monkeypatch.chdir(place)
    (place / "named.py").write_text(
        "FILES = ['folder/native.bin']\nTEXT = 'weights.npy'\n"
        + MODEL.replace("def encoder():", "def encoder(weights):").replace("self.scale =", "#")
    )
    with noted() as needs:
        load("python:named.py:encoder,weights=rows.parquet")
    assert sorted(needs.files) == [
        "folder/native.bin",
        "inner_of_a_test/__init__.py",
        "net_of_a_test.py",
        "rows.parquet",
    ]
    assert needs.packages["scipy"]


def test_code_is_followed_through_every_import(tmp_path):
    files = {
        "model.py": "import a\nfrom b import c\nimport numpy, gone_module\n",
        "a.py": "def f():\n    import b.d as later\n",
        "b/__init__.py": "",
        "b/c.py": "from .e import x\nfrom .. import nothing\n",
        "b/d.py": "syntax error here",
        "b/e.py": "x = 1\nimport a\n",
        "unused.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    sources, named, packages = code(tmp_path / "model.py", tmp_path)
    assert {p.relative_to(tmp_path).as_posix() for p in sources} == {*files} - {"unused.py"}
    assert not named
    assert packages == {"numpy", "gone_module"}


def test_distributions_are_those_that_python_says():
    every = packages_distributions()
    third = {name: ours for name, ours in every.items() if name not in sys.stdlib_module_names}
    assert _distributions({*every}) == {one for ours in third.values() for one in ours}
    for name in ("numpy", "cv2", "PIL", "sklearn", "soundfile"):  # as named, other, one file
        assert _distributions({name, "gone_module"}) == {*every[name]}


def test_weights_beside_an_onnx_file_are_known(tmp_path):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weight = numpy_helper.from_array(np.eye(4, 3, dtype=np.float32), "w")
    node = helper.make_node("MatMul", ["left", "w"], ["probabilities"])
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])
        for name, width in (("left", 4), ("probabilities", 3))
    ]
    graph = helper.make_graph([node], "g", ends[:1], ends[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    path = tmp_path / "model.onnx"
    onnx.save_model(
        model, path, save_as_external_data=True, location="weights.bin", size_threshold=0
    )
    with noted() as needs:
        load(f"onnx:{path}")
    assert [os.path.basename(name) for name in needs.files] == ["weights.bin"]
    assert "onnxruntime" in needs.packages
