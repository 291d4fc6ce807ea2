import torch

from lane_batches import context
from mmaudit.remedies.balance._noise import noise


def test_it_is_standard_normal_and_another_in_each_update_and_lane():
    c = context()
    first = noise(c, "test", 200, 300)
    c.step = 1
    second = noise(c, "test", 200, 300)
    assert abs(float(first.mean())) < 0.02
    assert abs(float(first.std()) - 1) < 0.02
    for one, other in ((first[0], first[1]), (first[0], second[0])):
        both = torch.stack([one.flatten(), other.flatten()])
        assert abs(float(torch.corrcoef(both)[0, 1])) < 0.02


def test_a_seed_has_the_same_alone_and_beside_others():
    assert torch.equal(
        noise(context(seeds=(1,)), "test", 5)[0], noise(context(seeds=(0, 1)), "test", 5)[1]
    )
