"""A rehearsal counts the forward passes of the audit exactly, and writes nothing."""

from functools import partial
from pathlib import Path

import pytest

import two_vectors
from command import mmaudit
from loading import access, load
from mmaudit import parts
from mmaudit.runs.api import function
from mmaudit.runs.dry_run import lines, rehearse
from two_vectors import Nearest, NearestOfTwo, make

SIZE = 700
ASK = {"corruptions": ("vector/gaussian_noise",), "replicates": 20, "missing": True}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return make(tmp_path_factory.mktemp("dry"), SIZE)


@pytest.mark.parametrize("model_type", [Nearest, NearestOfTwo])
@pytest.mark.parametrize(
    ("audit", "asked"),
    [
        ("robustness", ASK),
        ("robustness", ASK | {"absent": ("marginal:3",)}),
        ("contributions", {"replicates": 20}),
    ],
)
def test_forward_passes_are_those_of_the_audit(manifest, model_type, audit, asked):
    options = parts.load("audits", audit).Options(**asked)
    told = rehearse(audit, str(manifest), load(model_type()), options, access())
    assert (told.samples, told.tried) == (SIZE, 48)
    model = model_type()
    function(audit)(manifest, model, quiet=True, **asked)
    once = 1_000 + 2 * SIZE  # the check of the model and the encoding of the pool of donors
    for method, count in told.passes.items():
        assert count <= model.asked[method] <= count + once
    assert told.passes


def test_conditions_time_and_memory_are_told(manifest):
    options = parts.load("audits", "robustness").Options(**ASK)
    told = rehearse("robustness", str(manifest), load(Nearest()), options, access())
    assert told.conditions == 1 + 2 * 3 + 3
    assert told.passes == {"scores": told.conditions * SIZE}
    assert told.units_seconds > 0
    assert told.bytes > 50_000_000  # an interpreter with NumPy and Arrow
    text = "\n".join(lines(told))
    assert f"10 conditions x {SIZE} samples" in text
    assert "7,000 samples to scores" in text


CONFIG = """
schema = 1
dataset = "dataset.toml"
model = "python:model.py:Nearest"
[robustness]
corruptions = ["vector/gaussian_noise"]
replicates = 20
"""


command = partial(mmaudit, "run")


def test_the_command_writes_nothing(tmp_path):
    make(tmp_path, 100)
    (tmp_path / "model.py").write_text(Path(two_vectors.__file__).read_text())
    (tmp_path / "audit.toml").write_text(CONFIG)
    before = sorted(tmp_path.rglob("*"))
    done = command(tmp_path / "audit.toml", "--dry-run", "--trust")
    assert done.returncode == 0, done.stderr
    assert "7 conditions x 100 samples" in done.stdout
    assert done.stdout.endswith("no checks\nnothing was written\n")
    assert sorted(p for p in tmp_path.rglob("*") if "__pycache__" not in str(p)) == before


def test_without_it_a_run_directory_is_needed(tmp_path):
    done = command(tmp_path / "audit.toml")
    assert done.returncode == 2
    assert "--out" in done.stderr
