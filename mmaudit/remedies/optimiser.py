"""AdamW in lanes: rates, decays and factors are one number a lane.

References:
    Loshchilov and Hutter 2019 (AdamW), arXiv:1711.05101; the rate falls to 0 as a half cosine.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from mmaudit.kernels import kernel
from mmaudit.remedies.layers import Lanes, Parameters
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
        self._rate, self._decay, self._steps = rate, decay, steps
        self._p = {name: _flat(parameter) for name, parameter in p.items()}
        self._moments = {k: (np.zeros_like(v), np.zeros_like(v)) for k, v in self._p.items()}

    def update(self, gradients: Parameters, step: int, factors: Mapping[str, Lanes]) -> None:
        """Make update number ``step``, from 0.

        Args:
            gradients: Of each parameter.
            step: Its number.
            factors: On the updates of parameters whose names begin so, ``(lane,)`` each.
        """
        rate = self._rate * 0.5 * (1 + math.cos(math.pi * step / self._steps))
        first, second = 1 - FIRST ** (step + 1), 1 - SECOND ** (step + 1)
        shrinks, stays = (1 - rate * self._decay).numpy(), np.ones(len(rate), np.float32)
        usual = (rate / first).numpy()
        for name, parameter in self._p.items():
            factor = _factor(name, factors)
            moves = usual if factor is None else (rate * factor / first).numpy()
            gradient = _flat(gradients[name].contiguous())
            shrink = shrinks if name.endswith(".w") else stays
            _step(
                parameter,
                *self._moments[name],
                gradient,
                moves,
                shrink,
                np.float32(1 / second),
            )


def _flat(parameter: Lanes) -> NDArray[np.float32]:
    """The numbers of a tensor, in its own memory, ``(lane, number)``."""
    return parameter.detach().numpy().reshape(len(parameter), -1)


@kernel
def _step(
    p: NDArray[np.float32],
    m: NDArray[np.float32],
    v: NDArray[np.float32],
    gradient: NDArray[np.float32],
    move: NDArray[np.float32],
    shrink: NDArray[np.float32],
    scale: np.float32,
) -> None:
    """One update of one parameter, all in one pass over memory."""
    slow, fast = np.float32(1 - SECOND), np.float32(1 - FIRST)
    tiny = np.float32(TINY)
    for lane in range(p.shape[0]):
        step, stay = move[lane], shrink[lane]
        for i in range(p.shape[1]):
            g = gradient[lane, i]
            m[lane, i] += fast * (g - m[lane, i])
            v[lane, i] += slow * (g * g - v[lane, i])
            p[lane, i] = stay * p[lane, i] - step * m[lane, i] / (
                np.sqrt(v[lane, i] * scale) + tiny
            )


def _factor(name: str, factors: Mapping[str, Lanes]) -> Lanes | None:
    """The product of the factors that a parameter falls under; None where it is under none."""
    own = [factor for prefix, factor in factors.items() if trunk(prefix, name)]
    return math.prod(own[1:], start=own[0]) if own else None


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
