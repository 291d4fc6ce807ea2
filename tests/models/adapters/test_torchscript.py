"""TorchScript: what it answers has to be said, and its noise is not the user's."""

import numpy as np
import pytest
import torch

import model_examples as examples
from loading import load
from mmaudit.errors import UsageError

WANTED = examples.network()(
    *(torch.from_numpy(v) for v in examples.batch()[0].values()),
    torch.from_numpy(np.stack(list(examples.batch()[1].values()), axis=1)),
).detach()


def test_what_the_answer_is_has_to_be_said(tmp_path):
    spec = examples.torchscript(tmp_path)
    with pytest.raises(UsageError, match="what its output is"):
        load(spec.replace("output=logits,", ""), trust=True, device="cpu")
    with pytest.raises(UsageError, match="how many classes"):
        load(spec.replace(",classes=x,y,z", ""), trust=True, device="cpu")


def test_torchscript_answers_and_its_deprecation_is_not_the_users_noise(tmp_path, recwarn):
    spec = examples.torchscript(tmp_path)
    recwarn.clear()
    loaded = load(spec, trust=True, device="cpu")
    np.testing.assert_allclose(loaded.model.scores(*examples.batch()), WANTED, atol=1e-6)
    assert not recwarn.list
