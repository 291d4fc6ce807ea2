"""Every adapter is asked the same questions."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

import model_examples as examples
from mmaudit import parts
from mmaudit.inference.absence import with_absence
from mmaudit.inference.check import check_answers, row_independence, stages_agree
from mmaudit.models.base import Request
from mmaudit.models.load import KIND, load
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


def some(rows):
    batch, present = examples.batch()
    return {m: v[rows] for m, v in batch.items()}, {m: p[rows] for m, p in present.items()}


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


def test_answers_are_float32_one_row_a_sample(loaded):
    batch, present = examples.batch()
    answers = loaded.model.scores(batch, present)
    assert answers.dtype == np.float32
    assert answers.shape == (examples.N, 3)
    assert loaded.info.modalities == ("a", "b")
    assert loaded.info.classes == examples.CLASSES


def test_batches_may_be_split_anywhere(loaded):
    whole = loaded.model.scores(*examples.batch())
    for cut in range(1, examples.N):
        parts_ = [loaded.model.scores(*some(slice(None, cut)))]
        parts_.append(loaded.model.scores(*some(slice(cut, None))))
        same(np.concatenate(parts_), whole)


def test_one_sample_alone(loaded):
    whole = loaded.model.scores(*examples.batch())
    for row in range(examples.N):
        same(loaded.model.scores(*some([row])), whole[[row]])


def test_order_of_samples_does_not_matter(loaded):
    order = np.array([4, 0, 6, 2, 5, 1, 3])
    same(loaded.model.scores(*some(order)), loaded.model.scores(*examples.batch())[order])


def test_it_passes_the_checks_that_audits_make(loaded):
    row_independence(loaded, *examples.batch())
    stages_agree(loaded, *examples.batch())


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


def test_inputs_are_left_alone_and_may_be_read_only(loaded):
    batch, present = examples.batch()
    for array in (*batch.values(), *present.values()):
        array.flags.writeable = False
    before = [array.copy() for array in (*batch.values(), *present.values())]
    loaded.model.scores(batch, present)
    for array, was in zip((*batch.values(), *present.values()), before, strict=True):
        assert np.array_equal(array, was)


def test_global_randomness_is_untouched(loaded):
    import torch

    before = np.random.get_state()
    torch_before = torch.get_rng_state()
    loaded.model.scores(*examples.batch())
    after = np.random.get_state()
    assert before[2] == after[2]
    assert np.array_equal(before[1], after[1])
    assert torch.equal(torch_before, torch.get_rng_state())


WORKER = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import model_examples
from mmaudit.models.load import load
for spec in sys.argv[2:]:
    answers = load(spec, device="cpu", trust=True).model.scores(*model_examples.batch())
    print(hashlib.sha256(answers.tobytes()).hexdigest())
"""


@pytest.mark.slow
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
