"""Plain stand-ins come to the bits of what they stand in for."""

import numpy as np
import pytest

from mmaudit import seeds
from mmaudit.remedies import optimiser, plain


@pytest.mark.parametrize("words", [0, 4, 256, 1000])
@pytest.mark.parametrize("key", [(0, 0), (2**32 - 1, 7), (123456789, 2**32 - 1)])
def test_words(words, key):
    own, other = (np.empty(words, np.uint32) for _ in range(2))
    plain.fill(*key, 3, own)
    seeds.fill(*key, 3, other)
    assert own.tolist() == other.tolist()


def test_updates():
    rng = np.random.default_rng(0)
    p, m, v = (rng.random((2, 50)).astype(np.float32) for _ in range(3))
    other = [x.copy() for x in (p, m, v)]
    move, shrink = np.array([1e-2, 0], np.float32), np.array([0.999, 1], np.float32)
    for _ in range(20):
        gradient = rng.normal(size=p.shape).astype(np.float32)
        plain.adam_step(p, m, v, gradient, move, shrink, np.float32(1.5))
        optimiser._step(*other, gradient, move, shrink, np.float32(1.5))
    assert all(np.array_equal(*pair) for pair in zip((p, m, v), other, strict=True))
