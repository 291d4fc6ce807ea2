import torch

from lane_batches import context, parameters, rows
from mmaudit.remedies.balance.relearning import Relearning, purity


def clusters(labels):
    g = torch.Generator().manual_seed(0)
    centre = torch.tensor([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
    return (centre[labels] + torch.randn(len(labels), 2, generator=g)).unsqueeze(0)


def test_purity_is_the_share_of_the_commonest_class():
    labels = torch.arange(90) % 3
    first = torch.zeros(1, 90)
    first[0, :3] = 1  # one centre of each cluster
    every = torch.ones(1, 90, dtype=torch.bool)
    assert purity(clusters(labels), labels.unsqueeze(0), every, first, 3).item() == 1
    other = torch.zeros_like(labels)  # half of a cluster is of another class
    other[::2] = labels[::2]
    assert 0.5 < purity(clusters(labels), other.unsqueeze(0), every, first, 3).item() < 0.9


def test_rows_that_do_not_count_say_nothing():
    labels = torch.arange(90) % 3
    some = (torch.arange(90) < 45).unsqueeze(0)
    h = clusters(labels)
    wrong = torch.where(some[0], labels, 0).unsqueeze(0)
    first = torch.zeros(1, 90)
    first[0, :3] = 1
    assert purity(h, wrong, some, first, 3).item() == 1


def trained(strength):
    method, c = Relearning(), context(strength=strength)
    p = parameters(method, c)
    start = {name: value.detach().clone() for name, value in p.items()}
    for c.step in range(20):
        method.gradients(p, c, rows(c, n=32, seed=c.step))
        with torch.no_grad():
            for value in p.values():
                value.add_(0.01)
            before = {name: value.detach().clone() for name, value in p.items()}
            method.step_done(p, c)
    return start, before, p


def test_without_strength_nothing_is_set_back():
    _, before, p = trained(0.0)
    assert all(torch.equal(before[name], p[name]) for name in p)


def test_with_all_strength_encoders_start_again():
    start, before, p = trained(1e9)
    assert torch.allclose(p["encoder.a.w"], start["encoder.a.w"])
    assert torch.equal(p["head.a.w"], before["head.a.w"])
