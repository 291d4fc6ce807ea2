"""Every adapter is asked the same questions."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

import model_examples as examples
from loading import load
from mmaudit import parts
from mmaudit.inference.absence import with_absence
from mmaudit.inference.check import check_answers
from mmaudit.models.base import Request
from mmaudit.models.load import KIND
from mmaudit.testing import adapters
from places import KITS

NAMES = sorted(examples.ASKED)


@pytest.fixture(scope="module")
def specs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {name: make(folder) for name, make in examples.ASKED.items()}


@pytest.fixture(params=NAMES)
def loaded(request, specs):
    return load(specs[request.param], device="cpu", trust=True)


def same(a, b, tolerance=1e-6):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def test_every_adapter_has_an_example():
    ours = {name for name in parts.names(KIND) if name not in parts.foreign(KIND)}
    from_elsewhere = {"openclip", "remedy"}  # they need weights or a fit: their own tests ask them
    assert ours - from_elsewhere == set(examples.ASKED) | examples.LOOKED_UP


@pytest.mark.parametrize("name", parts.names(KIND))
def test_an_adapter_says_what_it_is_and_what_is_dangerous(name):
    part = parts.load(KIND, name)
    assert parts.summary(KIND, name).endswith(".")
    assert isinstance(part.danger(Request(spec=f"{name}:x:y", where="x:y")), str)
    assert callable(part.file)
    assert callable(part.load)


@pytest.mark.parametrize("question", adapters.QUESTIONS, ids=lambda q: q.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_contract(name, question, specs):
    question(adapters.subject(specs[name], *examples.batch()))


def test_a_model_says_what_it_takes_and_gives(loaded):
    assert loaded.model.scores(*examples.batch()).shape == (examples.N, 3)
    assert loaded.info.modalities == ("a", "b")
    assert loaded.info.classes == examples.CLASSES


def test_a_sample_of_which_nothing_is_present_has_an_answer_that_ignores_its_values(loaded):
    assert loaded.info.accepts_missing
    batch, present = examples.batch()
    row = 3
    assert not present["a"][row]
    assert not present["b"][row]
    other = {
        m: values + 100 * (np.arange(examples.N) == row)[:, None] for m, values in batch.items()
    }
    other = {m: values.astype(np.float32) for m, values in other.items()}
    before = check_answers(loaded.model.scores(batch, present), examples.N, loaded.info)
    after = check_answers(loaded.model.scores(other, present), examples.N, loaded.info)
    same(before[row], after[row])


@pytest.mark.parametrize("policy", ["zeros", "mean", "blank", "marginal:3", "model"])
def test_one_stage_and_two_stages_agree_under_every_policy(loaded, policy):
    batch, present = examples.batch()
    donors, _ = examples.batch(5, seed=9)
    model = with_absence(loaded, policy, donors)
    scores = model.scores(batch, present)
    if loaded.info.two_stage:
        features = {m: model.encode(m, batch[m]) for m in model.modalities}
        same(model.fuse(features, present), scores)
    else:
        assert not hasattr(model, "encode")
    check_answers(scores, examples.N, loaded.info)


WORKER = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import model_examples
from loading import load
for spec in sys.argv[2:]:
    answers = load(spec, device="cpu", trust=True).model.scores(*model_examples.batch())
    print(hashlib.sha256(answers.tobytes()).hexdigest())
"""


def test_another_process_loads_the_same_model_by_its_spec(specs):
    ours = [
        hashlib.sha256(
            load(spec, device="cpu", trust=True).model.scores(*examples.batch()).tobytes()
        ).hexdigest()
        for spec in specs.values()
    ]
    told = [sys.executable, "-c", WORKER, str(KITS), *specs.values()]
    theirs = subprocess.run(told, capture_output=True, text=True, check=True)
    assert theirs.stdout.split() == ours
