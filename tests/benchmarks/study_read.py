"""What docs/remedies.md says of READ row by row, on planted rows, at its rate and larger ones.

PYTHONPATH=.:tests/kits python tests/benchmarks/study_read.py [--seeds N]

Printed: set, seed, rate; shares of rows whose largest probability is below 1/e and of answers that
change, accuracy and log loss before, and after; CPU seconds of the answers before, and after.
"""

import argparse
import math
from time import process_time

import numpy as np

from mmaudit.remedies.dynamic.read_analogue import AdaptedAttention
from mmaudit.remedies.training import fit
from planted_fusion import absent_signal, conflict, loud_noise

SETS = {
    "loud noise": loud_noise,
    "absent signal, whole training": lambda seed: absent_signal(seed, clean_training=True),
    "conflict": conflict,
}
RATES = (1e-4, 1e-3, 1e-2, 1e-1)


def timed_answers(fitted, rows):
    """Probabilities, ``(n, class)``, and what they took of the processor."""
    h = {m: fitted.encode(m, x) for m, x in rows.features.items()}
    start = process_time()
    return fitted.fuse(h, rows.present), process_time() - start


def study(seeds):
    for name, planted in SETS.items():
        for seed in range(seeds):
            rows, bases = planted(seed), {}
            adapted = fit("dynamic/read_analogue", rows.train, seed, bases=bases)
            attention = bases["generic/self_attention", seed]
            y, (before, plain) = rows.test.labels, timed_answers(attention, rows.test)
            for AdaptedAttention.RATE in RATES:
                after, longer = timed_answers(adapted, rows.test)
                below = (before.max(1) < 1 / math.e).mean()
                changed = (before.argmax(1) != after.argmax(1)).mean()
                print(name, seed, AdaptedAttention.RATE, f"{below:.4f} {changed:.4f}", end=" ")
                for p in (before, after):
                    loss = -np.log(p[np.arange(len(y)), y].clip(1e-9)).mean()
                    print(f"{(p.argmax(1) == y).mean():.4f} {loss:.3f}", end=" ")
                print(f"{plain:.3f} {longer:.3f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    study(parser.parse_args().seeds)
