"""Encoders of pairs: a tower for each side, in files and in Python, alike wide or not."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import mmaudit as mm
from clip_like import mismatched
from command import mmaudit
from mmaudit.errors import InputError, UsageError
from mmaudit.options import placed, towers
from pair_files import audited, summary, written

N, WIDE = 300, 12
PYTHON = """
import numpy as np

MAP = np.random.default_rng(7).normal(size=({wide}, {out})).astype(np.float32)


class Tower:
    modalities, classes, output = ("{name}",), None, "embeddings"

    def scores(self, batch, present):
        return {answer}


def make():
    return Tower()
"""
ANSWER = 'np.stack(batch["right"]) @ MAP'


def in_onnx(path, out, name="left"):
    """A linear tower; its input is not called as the modality is."""
    weights = np.random.default_rng(3).normal(size=(WIDE, out)).astype(np.float32)
    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("MatMul", [f"{name}_in", "W"], ["embeddings"])],
        "tower",
        [helper.make_tensor_value_info(f"{name}_in", floats, ["n", WIDE])],
        [helper.make_tensor_value_info("embeddings", floats, ["n", out])],
        [numpy_helper.from_array(weights, "W")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


def in_python(path, out=WIDE, name="right", answer=ANSWER):
    path.write_text(PYTHON.format(wide=WIDE, out=out, name=name, answer=answer))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pairs that show the same, a fifth of them mismatched, and towers that hide it in two ways."""
    at = tmp_path_factory.mktemp("towers")
    rng = np.random.default_rng(0)
    shown = rng.normal(size=(N, WIDE))
    partner, wrong = mismatched(N, 0.2, 0)
    sides = [(s + 0.2 * rng.normal(size=s.shape)).astype(np.float32) for s in (shown, shown)]
    written(at, sides[0], sides[1][partner], wrong=wrong)
    in_onnx(at / "left.onnx", 20)
    in_python(at / "right.py", 9)
    return at


def test_towers_of_two_spaces_find_what_is_mismatched(folder, tmp_path):
    """Asked by the real command; what it kept of the two is read again by the same towers alone."""
    encoder = "left=onnx:left.onnx,right=python:right.py:make"
    words = ("noisy-pairs", "dataset.toml", "--encoder", encoder, "--truth", "wrong")
    more = ("--method", "head", "--cache", tmp_path / "kept", "--out", tmp_path / "run")
    done = mmaudit(*words, *more, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"{N} pairs of left and right, in two spaces" in done.stderr
    told = summary(mm.Run(tmp_path / "run"))
    assert told["truth_auroc"]["value"] > 0.8
    kept = {p.name.partition("-")[2]: np.load(p) for p in (tmp_path / "kept").iterdir()}
    assert {name: rows.shape for name, rows in kept.items()} == {
        "left.npy": (N, 20),
        "right.npy": (N, 9),
        "positions.npy": (N,),
    }
    again = encoder.replace("left.onnx", f"{folder}/left.onnx").replace(
        "right.py", f"{folder}/right.py"
    )
    run = audited(
        folder / "dataset.toml", encoder=again, method="head", cache=str(tmp_path / "kept")
    )
    assert summary(run)["noise_rate"] == told["noise_rate"]
    assert len(list((tmp_path / "kept").iterdir())) == len(kept)


def test_a_tower_that_ends_the_process_by_native_code_is_named(folder, tmp_path):
    answer = '__import__("ctypes").CDLL(None).exit(0)'
    in_python(tmp_path / "right.py", answer=answer)
    encoder = f"left=onnx:left.onnx,right=python:{tmp_path}/right.py:make"
    words = ("noisy-pairs", "dataset.toml", "--encoder", encoder, "--out", tmp_path / "run")
    done = mmaudit(*words, cwd=folder, supervised=True)
    assert done.returncode == 3, done.stderr
    what, where, _ = done.stderr.splitlines()[-3:]
    # how is not promised: the libraries' threads may stumble over what exit takes away
    assert what.startswith(f"error: the model python:{tmp_path}/right.py:make ended its process ")
    assert where == f"where: {tmp_path}/right.py:11"


def test_towers_of_one_space_are_seen_to_share_it(folder, tmp_path):
    in_onnx(tmp_path / "left.onnx", 24)
    in_onnx(tmp_path / "right.onnx", 24, "right")  # the same weights
    encoder = f"left=onnx:{tmp_path}/left.onnx,right=onnx:{tmp_path}/right.onnx"
    told = summary(
        audited(folder / "dataset.toml", encoder=encoder, truth="wrong", method="similarity")
    )
    assert told["truth_auroc"]["value"] > 0.95
    assert "similarity" in told


@pytest.mark.parametrize(
    ("encoder", "said"),
    [
        ("left=onnx:left.onnx", "1 towers embed no pair"),
        ("left=onnx:left.onnx,left=python:right.py:make", "two models embed 'left'"),
        ("left=onnx:left.onnx,other=python:right.py:make", "no modality 'other'"),
        ("left=onnx:left.onnx,right=onnx:none.onnx", "No such file"),
        ("onnx:left.onnx", "no modality 'left_in'"),
    ],
)
def test_what_is_no_pair_of_towers_is_refused(folder, tmp_path, monkeypatch, encoder, said):
    monkeypatch.chdir(folder)
    with pytest.raises(mm.MMAuditError, match=said):
        audited("dataset.toml", encoder=encoder)


def test_one_pin_is_not_that_of_two_towers(folder, monkeypatch):
    monkeypatch.chdir(folder)
    encoder = "left=onnx:left.onnx,right=python:right.py:make"
    with pytest.raises(UsageError, match="there are two towers"):
        audited("dataset.toml", encoder=encoder, sha256="0" * 64)
    pinned = encoder.replace(".onnx,", f".onnx,sha256={'0' * 64},")
    with pytest.raises(InputError, match="sha256"):
        audited("dataset.toml", encoder=pinned)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (f"({ANSWER}) * np.nan", "not finite, for the sample .pair-00000"),
        (f"({ANSWER})[:-1]", r"answers of shape \(\d+, 1, 9\)"),
        (f"({ANSWER})[:, 0]", r"answers of shape \(300,\)"),
    ],
)
def test_what_a_tower_answers_is_checked(folder, tmp_path, answer, said):
    in_python(tmp_path / "bad.py", 9, answer=answer)
    encoder = f"left=onnx:{folder}/left.onnx,right=python:{tmp_path}/bad.py:make"
    with pytest.raises(InputError, match=said):
        audited(folder / "dataset.toml", encoder=encoder, batch_size=N)


def test_a_tower_that_lies_beside_a_config_is_found_there(folder):
    text = "left=onnx:left.onnx,inputs=left:left_in,right=python:right.py:make,mean=1,2"
    assert towers(text) == {
        "left": "onnx:left.onnx,inputs=left:left_in",
        "right": "python:right.py:make,mean=1,2",
    }
    assert placed(text, folder) == (
        f"left=onnx:{folder}/left.onnx,inputs=left:left_in,right=python:{folder}/right.py:make,"
        "mean=1,2"
    )
    assert towers("openclip:ViT-B-32@x,image=photo,text=words") == {}
