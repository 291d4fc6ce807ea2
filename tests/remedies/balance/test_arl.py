import pytest
import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.arl import AsymmetricLearning, asymmetry


def test_alike_modalities_have_alike_factors():
    half = asymmetry(torch.full((1, 2), 0.7), torch.full((1, 2), 3.0), 8.0)
    assert torch.allclose(1 + half, torch.full((1, 2), 1.5))


def test_the_surer_modality_gets_longer_steps():
    first, second = asymmetry(torch.tensor([[0.3, 1.2]]), torch.full((1, 2), 3.0), 4.0)[0]
    assert first > second
    # shares of entropy .3 (at least) and .8: inverse .727, .273; each counts for half
    expected = torch.tensor([4 * 0.5 * 0.7273, 4 * 0.5 * 0.2727]).softmax(0)
    assert float(first) == pytest.approx(float(expected[0]), abs=1e-4)


def test_what_the_answer_depends_on_less_gets_longer_steps():
    first, second = asymmetry(torch.full((1, 2), 0.7), torch.tensor([[9.0, 1.0]]), 4.0)[0]
    assert second > first


def test_losses_of_the_modalities_weigh_more_after_the_start():
    method, c = AsymmetricLearning(), context(temperature=4.0, gamma=4.0)
    p, batch = parameters(method, c), rows(c)
    first = method.loss(p, c, batch)
    c.step = 50
    later = method.loss(p, c, batch)
    h = method.encoded(p, c, batch)
    joint = c.losses(method.logits(p, c, h, batch.present), batch.labels).mean(1)
    assert torch.allclose(later - joint, 4 * (first - joint), atol=1e-5)
