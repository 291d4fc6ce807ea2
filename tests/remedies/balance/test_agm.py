from itertools import permutations

import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance._speeds import split_logits
from mmaudit.remedies.balance.agm import MOST, AdaptiveModulation, ahead, coefficients


def test_values_are_those_of_all_subsets():
    """Shapley values of logits, by every order in which modalities can come, and of nothing."""
    method, c = AdaptiveModulation(), context("abc", alpha=1.0)
    p, batch = parameters(method, c), rows(c)
    with torch.no_grad():
        p["head.b"] += torch.arange(3.0)
        terms = method.terms(p, c, method.encoded(p, c, batch))
        nothing = p["head.b"].unsqueeze(1).expand_as(terms["a"])
        values = dict.fromkeys("abc", nothing / 3)
        for order in permutations("abc"):
            before = nothing
            for m in order:
                after = before + terms[m]
                values[m] = values[m] + (after - before) / 6
                before = after
        own = split_logits(p, c, terms)
        for m in "abc":
            assert torch.allclose(own[m], values[m], atol=1e-5)
        whole = method.logits(p, c, method.encoded(p, c, batch), batch.present)
        assert torch.allclose(sum(own.values()), whole, atol=1e-5)


def test_what_is_as_far_ahead_as_usual_is_left_alone():
    losses = torch.tensor([[0.2, 0.9, 1.4]])
    assert torch.equal(coefficients(losses, losses, 1.0), torch.ones(1, 3))


def test_what_is_further_ahead_than_usual_is_slowed():
    usual, now = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.6, 1.0]])
    assert ahead(now)[0, 0] > 1 > ahead(now)[0, 1]
    first, second = coefficients(now, usual, 1.0)[0]
    assert 1 / MOST <= first < 1 < second <= MOST


def test_the_first_step_is_that_of_concatenation():
    method, c = AdaptiveModulation(), context(alpha=1.0)
    p = parameters(method, c)
    method.gradients(p, c, rows(c))
    assert all(torch.equal(k, torch.ones(2)) for k in method.factors(p, c).values())
