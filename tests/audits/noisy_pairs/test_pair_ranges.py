"""No number of noisy pairs, and no end of an interval, is beyond the range that its metric declares."""

import numpy as np
import pytest

import many_pairs
from mmaudit.audits.noisy_pairs.metrics import meanings

METHODS = ("similarity", "neighbours")


def sides(rng, n, kind):
    """Odd vectors of both sides, ``(n, 8)`` each."""
    x = rng.normal(size=(n, 8))
    noise = rng.normal(size=x.shape)
    return {
        "matched": (x, x),
        "opposite": (x, -x),
        "strangers": (x, noise),
        "nearly one point": (1 + 1e-6 * x, 1 + 1e-6 * noise),
        "heavy": (rng.standard_cauchy(x.shape), rng.standard_cauchy(x.shape)),
        "few kinds": (np.sign(x[:, :1]) * np.ones(8) + 1e-3 * x, x),
    }[kind]


@pytest.mark.parametrize(
    "kind", ["matched", "opposite", "strangers", "nearly one point", "heavy", "few kinds"]
)
@pytest.mark.parametrize(("n", "members"), [(12, 1), (60, 1), (90, 3)])
def test_values_and_ends(kind, n, members):
    rng = np.random.default_rng(n)
    left, right = (side.astype(np.float32) for side in sides(rng, n, kind))
    for truth in (np.arange(n) % 3 == 0, np.ones(n, bool), np.zeros(n, bool)):
        group = np.arange(n) // members
        for method in METHODS:
            numbers = many_pairs.rows(left, right, group, truth, method=method)
            declared = meanings(numbers)
            assert numbers.keys() == declared.keys()
            for name, e in numbers.items():
                low, high = declared[name].bounds
                assert low <= e.low <= e.value <= e.high <= high, (name, e)
