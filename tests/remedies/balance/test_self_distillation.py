import torch

from mmaudit.remedies.balance.self_distillation import distances


def distance(a, b):
    """Of two modalities of one row, of the first class."""
    return distances(torch.cat([a, b], 2), torch.zeros(1, 1, dtype=torch.long), [(0, 1)])


def pair(p, q):
    return [torch.tensor(x).log().view(1, 1, 1, -1).requires_grad_() for x in (p, q)]


def test_the_stronger_side_teaches_and_does_not_learn_from_the_divergence():
    a, b = pair([0.9, 0.1], [0.2, 0.8])
    apart = distance(a, b)
    divergence = 0.9 * torch.tensor(0.9 / 0.2).log() + 0.1 * torch.tensor(0.1 / 0.8).log()
    square = (a - b).square().mean()
    assert torch.allclose(apart, 0.7 * (square + divergence), atol=1e-5)
    first, second = torch.autograd.grad(apart.sum(), (a, b))
    slope = 0.7 * (a - b).detach()  # gradient of the mean of two squares
    assert torch.allclose(first, slope, atol=1e-5)
    assert not torch.allclose(second, -slope, atol=1e-3)


def test_modalities_that_say_alike_and_both_wrong_ones_are_left_alone():
    same = pair([0.6, 0.4], [0.6, 0.4])
    assert distance(*same).item() == 0
    wrong = pair([0.3, 0.7], [0.1, 0.9])
    assert distance(*wrong).item() == 0
