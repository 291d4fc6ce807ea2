"""What docs/remedies.md says of READ row by row, which is why it is left out, on planted rows.

PYTHONPATH=.:tests/kits python tests/benchmarks/study_read.py [--seeds N]

READ (Yang et al., ICLR 2024) adapts queries, keys and values of the last block of attention to a
batch that is judged. Here each row has them to itself, moved by Adam along its confidence term,
-p ln p of its largest probability p. Printed: set, seed, rate, steps; shares of rows with p below
1/e and of answers that change, accuracy and log loss before, and after.
"""

import argparse
import math

import numpy as np
import torch

from mmaudit.remedies.optimiser import AdamW
from mmaudit.remedies.training import fit
from planted_fusion import absent_signal, conflict, loud_noise

SETS = {
    "loud noise": loud_noise,
    "absent signal, whole training": lambda seed: absent_signal(seed, clean_training=True),
    "conflict": conflict,
}
TRIED = ((1e-4, 1), (1e-3, 1), (1e-2, 1), (1e-1, 1), (1e-1, 5))  # rate, steps
ADAPTED = ("block.qkv.w", "block.qkv.b")


def answers(fitted, rows, rate, steps):
    """Probabilities after each row has adapted by itself, ``(n, class)``; a row is a lane."""
    n, c, method = len(rows), fitted.context, fitted.method
    h = {m: torch.from_numpy(fitted.encode(m, x))[:, None] for m, x in rows.features.items()}
    there = {m: torch.from_numpy(present)[:, None] for m, present in rows.present.items()}
    p = {name: value.expand(n, *value.shape[1:]) for name, value in fitted.parameters.items()}
    own = {name: p[name].clone().requires_grad_() for name in ADAPTED}
    p |= own
    adam = AdamW(own, torch.full((n,), rate), torch.zeros(n), 10**9)  # a rate that does not fall
    for step in range(steps):
        top = method.fuse(p, c, h, there).amax(-1)
        slopes = torch.autograd.grad((-top * top.log()).sum(), list(own.values()))
        adam.update(dict(zip(own, slopes, strict=True)), step, {})
    with torch.no_grad():
        return method.fuse(p, c, h, there)[:, 0].double().numpy()


def study(seeds):
    for name, planted in SETS.items():
        for seed in range(seeds):
            rows = planted(seed)
            fitted = fit("generic/self_attention", rows.train, seed)
            y, before = rows.test.labels, answers(fitted, rows.test, 0.0, 0)
            for rate, steps in TRIED:
                after = answers(fitted, rows.test, rate, steps)
                below = (before.max(1) < 1 / math.e).mean()
                changed = (before.argmax(1) != after.argmax(1)).mean()
                print(name, seed, rate, steps, f"{below:.4f} {changed:.4f}", end=" ")
                for p in (before, after):
                    loss = -np.log(p[np.arange(len(y)), y].clip(1e-9)).mean()
                    print(f"{(p.argmax(1) == y).mean():.4f} {loss:.3f}", end=" ")
                print(flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    study(parser.parse_args().seeds)
