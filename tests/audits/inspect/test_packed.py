"""Packed truths come back as they were."""

import numpy as np
import pytest

from mmaudit.audits.inspect.packed import packed


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1000])
def test_truths_come_back(n):
    those = np.random.default_rng(n).random(n) < 0.3
    again = packed(those).open()
    assert again.dtype == np.bool_
    assert np.array_equal(again, those)


def test_they_take_an_eighth_of_a_byte():
    assert packed(np.ones(8000, np.bool_)).bits.nbytes == 1000
