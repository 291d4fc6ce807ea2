"""Gradients of the losses of two towers, against torch and against their formulas."""

import numpy as np
import torch

from mmaudit.measures.pairs import (
    ncr,
    two_tower,
)
from mmaudit.seeds import words

DRAW = words(0, "test/detectors")


def test_gradients_are_those_of_torch():
    similarity = torch.tensor(DRAW.normals(64).reshape(8, 8), requires_grad=True)
    own = torch.arange(8)
    scaled = similarity / two_tower.TEMPERATURE
    cross = torch.nn.functional.cross_entropy
    ((cross(scaled, own) + cross(scaled.T, own)) / 2).backward()
    ours = two_tower.info_nce(similarity.detach().numpy())
    np.testing.assert_allclose(ours, similarity.grad.numpy(), atol=1e-6)


def test_the_hinges_gradient_is_that_of_its_formula():
    similarity = 0.3 * DRAW.normals(36).reshape(6, 6)
    step, expected = 1e-6, np.zeros((6, 6))
    for i in range(6):
        for j in range(6):
            up, down = similarity.copy(), similarity.copy()
            up[i, j] += step
            down[i, j] -= step
            gain = ncr.warmup_loss(up).sum() - ncr.warmup_loss(down).sum()
            expected[i, j] = gain / (2 * step)
    np.testing.assert_allclose(two_tower.mean_hinge(similarity), expected, atol=1e-5)


def hardest_loss(similarity, margin):
    """Of each pair against its hardest negative in each direction."""
    return sum(side.max(1) for side in ncr.hinges(similarity, margin))


def test_the_hardest_hinges_gradient_is_that_of_its_formula():
    similarity, margin = 0.3 * DRAW.normals(36, 1).reshape(6, 6), 0.2 * DRAW.uniforms(6, 2)
    step, expected = 1e-6, np.zeros((6, 6))
    for i in range(6):
        for j in range(6):
            up, down = similarity.copy(), similarity.copy()
            up[i, j] += step
            down[i, j] -= step
            gain = hardest_loss(up, margin).sum() - hardest_loss(down, margin).sum()
            expected[i, j] = gain / (2 * step)
    np.testing.assert_allclose(two_tower.hardest_hinge(similarity, margin), expected, atol=1e-5)
