"""Evidence is joined by Dempster's rule, and its losses are those of Dirichlet distributions."""

import numpy as np
import pytest
import torch

from mmaudit.remedies.evidence import divergence, joined, surprise


def dempster(one, other):
    """Dempster's rule of two opinions as it is written: beliefs, uncertainty, conflict."""
    classes = len(one)
    (b, u), (c, v) = (
        (e / (e.sum() + classes), classes / (e.sum() + classes)) for e in (one, other)
    )
    agreement = 1 - (b.sum() * c.sum() - (b * c).sum())
    belief, unsure = (b * c + b * v + c * u) / agreement, u * v / agreement
    return belief * classes / unsure


def in_views(*evidence):
    return torch.tensor(np.array(evidence)[None, None])


def test_joined_is_dempsters_rule_whatever_the_order():
    views = np.random.default_rng(0).exponential(3, (4, 5))
    by_rule = dempster(dempster(dempster(views[0], views[1]), views[2]), views[3])
    there = torch.ones(1, 1, 4)
    assert np.allclose(joined(in_views(*views), there)[0, 0], by_rule)
    assert np.allclose(joined(in_views(*views[::-1]), there)[0, 0], by_rule)


def test_conflict_cancels():
    """Two views that are sure of different classes are joined to little uncertainty."""
    evidence = joined(in_views([40.0, 0, 0], [0, 40.0, 0]), torch.ones(1, 1, 2))[0, 0]
    assert np.allclose(evidence, [40, 40, 0])
    assert float(3 / (evidence.sum() + 3)) == pytest.approx(0.036, abs=5e-4)


def test_what_is_absent_or_without_evidence_changes_nothing():
    one, other = [3.0, 1, 0], [5.0, 2, 9]
    assert np.allclose(joined(in_views(one, other), torch.tensor([[[1, 0]]]))[0, 0], one)
    assert np.allclose(joined(in_views(one, [0, 0, 0]), torch.ones(1, 1, 2))[0, 0], one)


def test_divergence_is_that_of_distributions():
    alpha = torch.tensor([1.0, 3, 1.7, 1])
    both = (torch.distributions.Dirichlet(a) for a in (alpha, torch.ones(4)))
    exact = float(torch.distributions.kl_divergence(*both))
    assert float(divergence(alpha)) == pytest.approx(exact, abs=1e-5)
    assert exact == pytest.approx(0.6977, abs=1e-4)
    assert float(divergence(torch.ones(6))) == pytest.approx(0, abs=1e-6)


def test_surprise_is_the_mean_cross_entropy_of_what_might_be():
    alpha = torch.tensor([2.0, 1.5, 4])
    drawn = np.random.default_rng(0).dirichlet(alpha.numpy(), 200_000)
    expected = surprise((alpha - 1)[None, None, None], torch.tensor([[1]]), 0.0)
    assert float(expected) == pytest.approx(-np.log(drawn[:, 1]).mean(), abs=0.01)


def test_only_evidence_for_wrong_classes_is_divergence():
    evidence = in_views([0.0, 4, 0])
    cost = [
        float(surprise(evidence, torch.tensor([[label]]), 1.0))
        - float(surprise(evidence, torch.tensor([[label]]), 0.0))
        for label in (1, 0)
    ]
    assert cost[0] == pytest.approx(0, abs=1e-5)
    assert cost[1] == pytest.approx(float(divergence(torch.tensor([1.0, 5, 1]))), abs=1e-5)
