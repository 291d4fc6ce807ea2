"""Layers in lanes: each parameter is a stack ``(lane, …)`` of as many networks as are trained.

A lane is one seed with one setting. Lanes never meet: a layer is one batched product, a loss is one
number a lane and their sum is differentiated. So that a seed comes out the same alone as beside
others, everything that is drawn is keyed by the seed, the purpose and the shape.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mmaudit.seeds import words

Lanes = Any  # a torch tensor (lane, …)
Parameters = dict[str, Lanes]
Shapes = dict[str, tuple[int, ...]]
TINY = 1e-9


def linear_shapes(name: str, inputs: int, outputs: int) -> Shapes:
    """Shapes of the weights and the bias of a layer."""
    return {f"{name}.w": (inputs, outputs), f"{name}.b": (outputs,)}


def linear(p: Mapping[str, Lanes], name: str, x: Lanes) -> Lanes:
    """A layer, ``(lane, n, inputs) -> (lane, n, outputs)``."""
    return torch.baddbmm(p[f"{name}.b"].unsqueeze(1), x, p[f"{name}.w"])


def mlp_shapes(name: str, inputs: int, width: int, outputs: int) -> Shapes:
    """Shapes of a network with one hidden layer."""
    hidden = linear_shapes(f"{name}.hidden", inputs, width)
    return hidden | linear_shapes(f"{name}.out", width, outputs)


def mlp(p: Mapping[str, Lanes], name: str, x: Lanes) -> Lanes:
    """A network with one hidden layer, ``(lane, n, inputs) -> (lane, n, outputs)``."""
    return linear(p, f"{name}.out", functional.relu(linear(p, f"{name}.hidden", x)))


def norm_shapes(name: str, width: int) -> Shapes:
    """Shapes of a layer normalisation: its scale begins at 1, its shift at 0."""
    return {f"{name}.one": (width,), f"{name}.b": (width,)}


def norm(p: Mapping[str, Lanes], name: str, x: Lanes) -> Lanes:
    """Layer normalisation of the last axis, ``(lane, …, width)``."""
    middle = (1,) * (x.dim() - 2)
    scale, shift = (p[f"{name}.{end}"] for end in ("one", "b"))
    view = (scale.shape[0], *middle, scale.shape[-1])
    return functional.layer_norm(x, x.shape[-1:]) * scale.view(view) + shift.view(view)


def initial(shapes: Shapes, seeds: Sequence[int]) -> Parameters:
    """Parameters before training, keyed by seed, name and shape.

    Two methods that share a layer start it from the same numbers. A name that ends in ``.b`` or
    ``.zero`` begins at 0, in ``.one`` at 1; matrices are uniform within ``1 / sqrt(inputs)``,
    vectors within .02.

    Args:
        shapes: Shape of each parameter, without the lane.
        seeds: Seed of each lane.
    """
    return {
        name: torch.stack([_drawn(name, shape, s) for s in seeds]) for name, shape in shapes.items()
    }


def _drawn(name: str, shape: tuple[int, ...], seed: int) -> Lanes:
    if name.endswith((".b", ".zero")):
        return torch.zeros(shape)
    if name.endswith(".one"):
        return torch.ones(shape)
    bound = math.sqrt(1 / shape[-2]) if len(shape) > 1 else 0.02
    key = f"remedies/initial/{name}/{'x'.join(map(str, shape))}"
    uniform = words(seed, key).uniforms(math.prod(shape)).reshape(shape)
    return torch.from_numpy(((2 * uniform - 1) * bound).astype(np.float32))


def cross_entropy(logits: Lanes, labels: Lanes, smoothing: Lanes | float = 0.0) -> Lanes:
    """Cross-entropy of each row in nats, ``(lane, n, class), (lane, n) -> (lane, n)``.

    Args:
        logits: Logits.
        labels: Number of the class.
        smoothing: Share of the label that all classes divide; one number, or ``(lane, 1)``.
    """
    log = functional.log_softmax(logits, -1)
    own = -log.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    return (1 - smoothing) * own - smoothing * log.mean(-1)


def entropy(probabilities: Lanes) -> Lanes:
    """Entropy of the last axis in nats."""
    return -(probabilities * probabilities.clamp(min=TINY).log()).sum(-1)


def of_label(values: Lanes, labels: Lanes) -> Lanes:
    """The number of each row's own class, ``(lane, n, class), (lane, n) -> (lane, n)``."""
    return values.gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def flat(tensors: Sequence[Lanes]) -> Lanes:
    """Several parameters as one vector a lane, ``(lane, numbers)``."""
    return torch.cat([t.flatten(1) for t in tensors], 1)


def spread(numbers: Lanes, like: Lanes) -> Lanes:
    """One number a lane, ``(lane,)``, in as many axes as another tensor has."""
    return numbers.view(-1, *(1,) * (like.dim() - 1))
