"""A context, parameters and rows in lanes, small enough to work a method out by hand."""

import numpy as np
import torch

from mmaudit.remedies.context import Draws, LaneBatch, LaneContext, TrainingSetup
from mmaudit.remedies.layers import initial
from mmaudit.remedies.method import Method

WIDTHS = {"a": 5, "b": 4, "c": 3}
STEPS = {"a": 5, "b": 2, "c": 1}


def context(modalities="ab", outputs=3, task="class", setup=None, rows=64, seeds=(0, 1), **options):
    """A context with a lane a seed; options are one number for all lanes, or one a lane."""
    own = {"smoothing": 0.0, **options}
    return LaneContext(
        modalities=tuple(modalities),
        widths={m: WIDTHS[m] for m in modalities},
        steps={m: STEPS[m] for m in modalities},
        outputs=outputs,
        task=task,
        setup=setup or TrainingSetup(width=8, steps=100, batch=16),
        options={k: torch.as_tensor(v).float().expand(len(seeds)) for k, v in own.items()},
        draws=Draws(list(seeds), torch.arange(len(seeds))),
        rows=rows,
    )


def parameters(method, c):
    """Parameters before training, that can be differentiated."""
    p = initial(method.shapes(c), c.draws.seeds)
    return {name: value.requires_grad_() for name, value in p.items()}


def rows(c, n=16, seed=0):
    """Rows of noise, complete: places 0 to n."""
    g = np.random.default_rng(seed)
    shape = (c.lanes, n)
    labels = g.integers(0, c.outputs, shape) if c.task == "class" else g.normal(size=shape)
    return LaneBatch(
        {
            m: torch.from_numpy(g.normal(size=(*shape, c.widths[m])).astype(np.float32))
            for m in c.modalities
        },
        {m: torch.ones(shape, dtype=torch.bool) for m in c.modalities},
        torch.from_numpy(labels if c.task == "class" else labels.astype(np.float32)),
        torch.arange(n).expand(shape),
    )


def plain(method, p, c, batch):
    """Gradients of concatenation itself."""
    loss = Method.loss(method, p, c, batch).sum()
    return dict(zip(p, torch.autograd.grad(loss, list(p.values()), allow_unused=True), strict=True))
