"""AdamW in lanes: rates, decays and factors are one number a lane.

References:
    Loshchilov and Hutter 2019 (AdamW), arXiv:1711.05101; the rate falls to 0 as a half cosine.
"""

import math
from collections.abc import Callable, Mapping

import torch

from mmaudit.remedies.layers import Lanes, Parameters, spread
from mmaudit.remedies.method import trunk

FIRST, SECOND, TINY = 0.9, 0.999, 1e-8
AFTER_STEPS, AFTER_RATE = 200, 0.03


class AdamW:
    """Moments of every parameter, and the update that they make.

    Args:
        p: The parameters, which are changed in place.
        rate: Learning rate of each lane, ``(lane,)``.
        decay: Decay of the weights of layers, ``(lane,)``.
        steps: Updates in all.
    """

    def __init__(self, p: Parameters, rate: Lanes, decay: Lanes, steps: int) -> None:
        self._p, self._rate, self._decay, self._steps = p, rate, decay, steps
        self._moments = {k: (torch.zeros_like(v), torch.zeros_like(v)) for k, v in p.items()}

    @torch.no_grad()
    def update(self, gradients: Parameters, step: int, factors: Mapping[str, Lanes]) -> None:
        """Make update number ``step``, from 0.

        Args:
            gradients: Of each parameter.
            step: Its number.
            factors: On the updates of parameters whose names begin so, ``(lane,)`` each.
        """
        rate = self._rate * 0.5 * (1 + math.cos(math.pi * step / self._steps))
        first, second = 1 - FIRST ** (step + 1), 1 - SECOND ** (step + 1)
        for name, parameter in self._p.items():
            m, v = self._moments[name]
            gradient = gradients[name]
            m.lerp_(gradient, 1 - FIRST)
            v.mul_(SECOND).addcmul_(gradient, gradient, value=1 - SECOND)
            move = m / (v / second).sqrt_().add_(TINY) / first
            if name.endswith(".w"):
                parameter.mul_(spread(1 - rate * self._decay, parameter))
            parameter.sub_(move * spread(rate * _factor(name, factors), parameter))


def _factor(name: str, factors: Mapping[str, Lanes]) -> Lanes | float:
    """The product of the factors that a parameter falls under."""
    out: Lanes | float = 1.0
    for prefix, factor in factors.items():
        if trunk(prefix, name):
            out = out * factor
    return out


def descended(start: Parameters, loss: Callable[[Parameters], Lanes]) -> Parameters:
    """Parameters after a short descent on all rows at once: what is fitted after a training.

    Args:
        start: Where it begins; not changed.
        loss: Loss of each lane of some parameters, ``(lane,)``.
    """
    p = {name: parameter.detach().clone().requires_grad_() for name, parameter in start.items()}
    lanes = len(next(iter(p.values())))
    adam = AdamW(p, torch.full((lanes,), AFTER_RATE), torch.zeros(lanes), AFTER_STEPS)
    for step in range(AFTER_STEPS):
        gradients = torch.autograd.grad(loss(p).sum(), list(p.values()))
        adam.update(dict(zip(p, gradients, strict=True)), step, {})
    return {name: parameter.detach() for name, parameter in p.items()}
