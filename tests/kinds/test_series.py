"""Series are decoded from whatever a column holds."""

import numpy as np
import pytest

from mmaudit.kinds import series
from mmaudit.kinds.base import Shape, Undecodable

ANY = Shape()


NAN = float("nan")


def test_series():
    assert series.decode([1, 2], ANY).shape == (2, 1)
    assert np.array_equal(series.decode("[[1, 2], [3, 4]]", Shape(sizes=(2,))), [[1, 2], [3, 4]])
    assert series.decode([[NAN], [NAN]], ANY) is None
    assert series.decode(None, ANY) is None


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ([[1.0, 2.0, 3.0]], "has 3 channels, others have 2"),
        ([], "shape"),
        ([[[1.0]]], "shape"),
        ([[1.0, 2.0], [NAN, 2.0]], "step 1 of channel 0 is nan"),
        ([[1.0], [1.0, 2.0]], "not numbers"),
    ],
)
def test_what_is_no_such_series_is_refused(cell, why):
    with pytest.raises(Undecodable, match=why):
        series.decode(cell, Shape(sizes=(2,)))
