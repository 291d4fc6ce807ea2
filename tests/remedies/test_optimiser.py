"""AdamW in lanes is torch's, lane by lane."""

import torch

from mmaudit.remedies.optimiser import AdamW

STEPS, RATE, DECAY = 20, 3e-2, 0.1


def gradients(p):
    loss = sum((x - 1).pow(4).sum() + x.sin().sum() for x in p.values())
    return dict(zip(p, torch.autograd.grad(loss, list(p.values())), strict=True))


def test_it_is_torchs_with_a_rate_that_falls():
    """Weights of layers decay, and nothing else; a factor is one on the rate of its lane."""
    draw = torch.Generator().manual_seed(0)
    shapes = {"encoder.a.w": (2, 3, 4), "encoder.a.b": (2, 4), "head.one": (2, 5)}
    p = {k: torch.randn(*s, generator=draw).requires_grad_() for k, s in shapes.items()}
    q = {k: x.detach().clone().requires_grad_() for k, x in p.items()}
    factors = {"encoder.a": torch.tensor([1.0, 0.25])}
    ours = AdamW(p, torch.full((2,), RATE), torch.full((2,), DECAY), STEPS)
    lanes = [{k: x.detach()[i].clone().requires_grad_() for k, x in q.items()} for i in range(2)]
    for i, lane in enumerate(lanes):
        groups = [
            {
                "params": [x],
                "weight_decay": DECAY if k.endswith(".w") else 0.0,
                "factor": float(factors["encoder.a"][i]) if k.startswith("encoder.a.") else 1.0,
            }
            for k, x in lane.items()
        ]
        adam = torch.optim.AdamW(groups, lr=RATE)
        for step in range(STEPS):
            falling = RATE * 0.5 * (1 + torch.cos(torch.tensor(torch.pi * step / STEPS)).item())
            for group in adam.param_groups:
                group["lr"] = falling * group["factor"]
            for k, x in lane.items():
                x.grad = gradients(lane)[k]
            before = {k: x.detach().clone() for k, x in lane.items()}
            adam.step()
            for group, (k, x) in zip(adam.param_groups, lane.items(), strict=True):
                # torch's decay falls with the factor, ours does not: a slowed layer still decays
                if k.endswith(".w"):
                    undone = before[k] * group["lr"] * DECAY
                    x.data += undone - before[k] * falling * DECAY
    for step in range(STEPS):
        ours.update(gradients(p), step, factors)
    for i, lane in enumerate(lanes):
        for k, x in lane.items():
            assert torch.allclose(p[k][i], x, atol=1e-5), (i, k)
