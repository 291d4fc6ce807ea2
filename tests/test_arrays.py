"""A mean of arrays in turn is, bit for bit, that of all of them stacked."""

import numpy as np
import pytest

from mmaudit.arrays import mean_of

SHAPES = [(1,), (1, 1), (2,), (7,), (64,), (2, 1), (1, 3, 1), (5, 4, 3), (3000,)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_the_bits_are_those_of_the_stack(dtype):
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        for n in (1, 3, 64, 129, 256):
            big = rng.normal(size=(n, *shape)) * 10.0 ** rng.integers(-3, 4, (n, *[1] * len(shape)))
            arrays = (
                np.abs(big).clip(0, 255).astype(dtype) if dtype != np.float32 else big.astype("f4")
            )
            wanted = arrays.mean(axis=0, dtype=np.float64)
            assert mean_of(iter(arrays)).tobytes() == wanted.tobytes(), (shape, n)


def test_several_shapes_have_no_mean():
    assert mean_of([np.zeros(2), np.zeros(3)]) is None
    assert mean_of([np.zeros((1, 1)), np.zeros(1)]) is None
