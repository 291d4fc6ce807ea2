import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.cml import ConfidenceMonotone, surer


def chain(*confidences):
    return torch.tensor([[[[p, 1 - p] for p in confidences]]]).log()


def test_confidence_that_only_rises_with_modalities_costs_nothing():
    labels = torch.zeros(1, 1, 3, dtype=torch.long)
    assert not surer(chain(0.5, 0.7, 0.9), labels).any()


def test_what_is_surer_with_less_costs_how_much_surer_it_is():
    labels = torch.zeros(1, 1, 3, dtype=torch.long)
    assert torch.allclose(surer(chain(0.6, 0.9, 0.7), labels), torch.tensor([[[0.0, 0.2]]]))


def test_what_is_right_with_less_and_wrong_with_more_costs_nothing():
    labels = torch.zeros(1, 1, 2, dtype=torch.long)
    assert not surer(chain(0.9, 0.4), labels).any()
    assert surer(chain(0.9, 0.4), 1 - labels).any()


def test_the_last_set_of_the_chain_is_all_modalities():
    method, c = ConfidenceMonotone(), context("abc", weight=0.0)
    p, batch = parameters(method, c), rows(c)
    h = method.encoded(p, c, batch)
    whole = c.losses(method.logits(p, c, h, batch.present), batch.labels).mean(1)
    orders = c.draws.uniform("order", 0, 3).argsort(-1)
    expected = whole
    for size in (1, 2):
        each = []
        for lane, order in enumerate(orders):
            there = {
                m: torch.full_like(batch.present[m], i in order[:size]) for i, m in enumerate("abc")
            }
            losses = c.losses(method.logits(p, c, h, there), batch.labels).mean(1)
            each.append(losses[lane])
        expected = expected + torch.stack(each)
    assert torch.allclose(method.loss(p, c, batch), expected / 3, atol=1e-5)
