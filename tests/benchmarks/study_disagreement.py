"""Planted wrong pairs: how many of those that `inspect` flags by disagreement are wrong pairs.

    PYTHONPATH=. OMP_NUM_THREADS=1 python tests/benchmarks/study_disagreement.py [SETS]

Each set has 500 samples of two vectors of eight normal numbers around the middle of their class;
in a share of the samples the second is swapped for that of another class. Two minutes.
"""

import sys

import numpy as np

from mmaudit.audits.inspect.learning.features import ValueFeatures
from mmaudit.audits.inspect.learning.labels import _held_out
from mmaudit.measures.data.disagreement import disagreement

N, D = 500, 8
SPREADS = ((1.1, 3), (1.4, 3), (1.8, 3), (1.8, 10), (2.2, 10), (2.6, 10))  # of middles, classes
SHARES = (0.0, 0.01, 0.05)


def drawn(seed, spread, classes, share):
    """Labels, the two vectors, and which samples were swapped."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, N)
    middles = rng.normal(size=(2, classes, D)) * spread
    first, second = (middle[labels] + rng.normal(size=(N, D)) for middle in middles)
    swapped = rng.permutation(N)[: int(share * N)]
    donors = [rng.choice(np.flatnonzero(labels != labels[i])) for i in swapped]
    second[swapped] = second[donors] if donors else second[swapped]
    return labels, first, second, np.isin(np.arange(N), swapped)


def main(sets):
    print("| swapped | sets that flag | flagged | of them wrong pairs | recall | of all samples |")
    print("|---|---|---|---|---|---|")
    for share in SHARES:
        flags = right = wrong = judged = 0
        for spread, classes in SPREADS:
            for seed in range(sets):
                labels, *vectors, swapped = drawn(seed, spread, classes, share)
                answers = [
                    _held_out(ValueFeatures(rows, np.ones(N, bool)), labels, classes, None)
                    for rows in vectors
                ]
                pair = disagreement(*answers, labels)
                if pair.accurate:
                    judged += 1
                    flags += pair.sure.sum()
                    right += (pair.sure & swapped).sum()
                    wrong += swapped.sum()
        cells = (judged, flags, f"{right / max(1, flags):.2f}", f"{right / max(1, wrong):.2f}")
        print(f"| {share} | {' | '.join(map(str, cells))} | {flags / max(1, judged * N):.4f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
