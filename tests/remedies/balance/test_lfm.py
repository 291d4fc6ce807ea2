import math

import pytest
import torch
from torch.nn import functional

from mmaudit.remedies.balance.lfm import TEMPERATURE, contrast, schedule


def test_the_weight_falls_from_all_to_a_tenth():
    assert schedule(0) == 1
    assert schedule(1) == pytest.approx(0.1)
    assert all(schedule(k / 10) > schedule((k + 1) / 10) for k in range(10))


def test_contrast_is_cross_entropy_of_picking_the_own_row():
    a, b = torch.randn(2, 1, 5, 4, generator=torch.Generator().manual_seed(0)).unbind()
    alike = functional.cosine_similarity(a[0].unsqueeze(1), b[0].unsqueeze(0), dim=-1) / TEMPERATURE
    own = torch.arange(5)
    expected = (functional.cross_entropy(alike, own) + functional.cross_entropy(alike.T, own)) / 2
    both = torch.ones(1, 5, dtype=torch.bool)
    assert torch.allclose(contrast(a, b, both)[0], expected, atol=1e-5)


def test_rows_that_lack_one_of_both_are_neither_judged_nor_candidates():
    a, b = torch.randn(2, 1, 6, 4, generator=torch.Generator().manual_seed(0)).unbind()
    some = torch.tensor([[True, True, True, True, False, False]])
    whole = contrast(a[:, :4], b[:, :4], some[:, :4])
    assert torch.allclose(contrast(a, b, some), whole, atol=1e-5)


def test_rows_that_are_all_alike_cannot_be_picked():
    same, both = torch.ones(1, 8, 3), torch.ones(1, 8, dtype=torch.bool)
    assert contrast(same, same, both).item() == pytest.approx(math.log(8), abs=1e-5)
