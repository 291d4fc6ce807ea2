"""MoNIG: its loss is a Student's t, and joining does not depend on the order."""

import pytest
import torch
from scipy import stats

from mmaudit.remedies.dynamic.monig import NormalGamma


def of(*rows):
    """Distributions, one a modality, of mean, views, shape and scale."""
    return NormalGamma(*torch.tensor(rows, dtype=torch.float64).T[:, None, None].unbind(0))


def numbers(one):
    return [float(x) for x in (one.mean, one.views, one.shape, one.scale)]


A, B, C = (0.3, 1.7, 2.2, 0.8), (1.1, 0.4, 1.5, 0.3), (-0.5, 2.0, 3.0, 1.2)


def test_surprise_is_of_a_students_t():
    exact = -stats.t(2 * 2.2, 0.3, (0.8 * 2.7 / (1.7 * 2.2)) ** 0.5).logpdf(1.1)
    assert float(of(A).surprise(torch.tensor(1.1))) == pytest.approx(exact)
    assert exact == pytest.approx(1.30729, abs=1e-5)


def test_joining_is_associative():
    pair = tuple(numbers(of(A, B).joined(torch.ones(1, 1, 2))))
    steps = of(pair, C).joined(torch.ones(1, 1, 2))
    assert numbers(steps) == pytest.approx(numbers(of(A, B, C).joined(torch.ones(1, 1, 3))))


def test_what_is_absent_is_not_joined():
    alone = of(A, B).joined(torch.tensor([[[1.0, 0]]]))
    assert numbers(alone) == pytest.approx(A)


def test_conflict_raises_the_scale():
    agree, differ = (of(A, (mean, *A[1:])).joined(torch.ones(1, 1, 2)) for mean in (0.3, 3.3))
    assert float(differ.scale) > float(agree.scale) + 1
