import pytest
import torch

from lane_batches import context, parameters, plain, rows
from mmaudit.remedies.balance.ogm_ge import GradientModulation, coefficients


@pytest.mark.parametrize(
    ("ratio", "expected"), [(1.0001, 0.709), (1.5, 0.578), (2, 0.463), (3, 0.284), (1, 1), (0.5, 1)]
)
def test_coefficients_at_ratios(ratio, expected):
    assert float(coefficients(torch.tensor(ratio), 0.3)) == pytest.approx(expected, abs=1e-3)


def test_without_noise_gradients_are_those_of_concatenation_and_the_steps_are_scaled():
    method, c = GradientModulation(), context(alpha=0.8, noise=0.0)
    p, batch = parameters(method, c), rows(c)
    joint = plain(method, p, c, batch)
    for name, gradient in method.gradients(p, c, batch).items():
        assert torch.allclose(gradient, joint[name], atol=1e-7), name
    slowed = torch.stack(list(method.factors(p, c).values()), -1)
    assert ((slowed == 1).sum(-1) == 1).all()  # of two modalities one is ahead, in each lane
    assert (slowed.amin(-1) < 0.4).all()


def test_noise_is_as_large_as_the_gradient():
    method, c = GradientModulation(), context(alpha=0.8, noise=1.0)
    p, batch = parameters(method, c), rows(c)
    joint = plain(method, p, c, batch)["encoder.a.w"]
    noise = method.gradients(p, c, batch)["encoder.a.w"] - joint
    assert torch.allclose(
        noise.flatten(1).std(1) / joint.flatten(1).std(1), torch.ones(2), atol=0.4
    )
