"""Keys that splits share: how often one that carries nothing is named, and one that does.

    PYTHONPATH=. OMP_NUM_THREADS=1 python tests/benchmarks/study_shared_keys.py [SETS]

Classes are normal, 20 features, 400 rows; at each value of the key every class is moved by a normal
vector of its own, times the effect.
"""

import sys

import numpy as np

from mmaudit.measures.balance.shared_key import shared_key

ROWS, CLASSES, FEATURES, LEVEL = 400, 3, 20, 0.05
CASES = [(2, 0.0, 50), (4, 0.0, 50), (6, 0.0, 1), (20, 0.0, 50), (100, 0.0, 50)]
CASES += [(4, 0.5, 50), (20, 0.5, 50), (20, 0.3, 50), (100, 0.5, 50)]


def measured(seed, values, effect, evenness):
    """One set: how even the values are is the parameter of a Dirichlet law."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, ROWS)
    keys = rng.choice(values, ROWS, p=rng.dirichlet(np.full(values, evenness)))
    keys = np.unique(keys, return_inverse=True)[1]
    means = rng.normal(size=(CLASSES, FEATURES)) * 2.4 / np.sqrt(FEATURES)
    moved = effect * rng.normal(size=(values, CLASSES, FEATURES))
    rows = means[labels] + moved[keys, labels] + rng.normal(size=(ROWS, FEATURES))
    return shared_key(rows, labels, CLASSES, keys, np.random.default_rng(seed))


def main(sets):
    print("| values | effect | evenness | gap | interval above 0 | p at most .05 | both |")
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        every = [measured(seed, *case) for seed in range(sets)]
        above = np.array([m.gap.low > 0 for m in every])
        rare = np.array([m.p_value <= LEVEL for m in every])
        gap = np.mean([m.gap.value for m in every])
        shares = " | ".join(f"{s.mean():.3f}" for s in (above, rare, above & rare))
        print(f"| {' | '.join(map(str, case))} | {gap:.3f} | {shares} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
