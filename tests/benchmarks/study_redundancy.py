"""What docs/inspect.md says that `label_redundancy` gets wrong and sees, by simulation.

PYTHONPATH=.:tests/kits python tests/benchmarks/study_redundancy.py [--sets N]

Of two modalities: one of noise; two that tell other parts of the label, as clearly or not; two that
are independent given it. Printed: rows, kind, mean bits of the first, the second, both and twice, and
the share of sets in which the second is said to tell something, what is told twice is said to be
more than nothing, and less.
"""

import argparse

import numpy as np

from mmaudit.measures.balance.redundancy import redundancies

SIZES = ((200, 1.0), (600, 0.4))  # rows, and share of the sets


def noise(rng, n):
    labels = rng.integers(0, 3, n)
    one = rng.normal(size=(3, 8))[labels] + rng.normal(size=(n, 8))
    return labels, one, rng.normal(size=(n, 8))


def parts(rng, n, first=0.8, second=0.8):
    halves = rng.integers(0, 2, (2, n))
    one, two = (
        np.column_stack([m * (2 * half - 1) + rng.normal(size=n), rng.normal(size=(n, 8))])
        for half, m in zip(halves, (first, second), strict=True)
    )
    return halves[0] * 2 + halves[1], one, two


def unequal_parts(rng, n):
    return parts(rng, n, 2.0, 0.4)


def given_the_label(rng, n):
    labels = rng.integers(0, 2, n)
    one, two = (
        np.column_stack([0.8 * (2 * labels - 1) + rng.normal(size=n), rng.normal(size=(n, 3))])
        for _ in "ab"
    )
    return labels, one, two


def study(sets):
    for n, share in SIZES:
        for law in (noise, parts, unequal_parts, given_the_label):
            rows = []
            for seed in range(int(sets * share)):
                labels, one, two = law(np.random.default_rng(seed), n)
                of = redundancies({"a": one, "b": two}, labels, int(labels.max()) + 1, None)["b"]
                bits = [of.rest.value, of.alone.value, of.both.value, of.redundant.value]
                less = of.informative and of.redundant.high < 0
                rows.append([*bits, of.informative, of.informative and of.redundant.low > 0, less])
            print(n, law.__name__, *(f"{x:.3f}" for x in np.mean(rows, axis=0)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=100)
    study(parser.parse_args().sets)
