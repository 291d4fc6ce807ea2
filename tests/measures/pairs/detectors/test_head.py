"""The head on frozen features: fitted out of fold."""

import numpy as np
import pytest

from clip_like import sides
from mmaudit.measures.pairs.detectors import head


def test_a_head_refuses_pairs_of_two_folds():
    made, _ = sides(100)
    fitted = head.fit(made)
    i, j = (np.flatnonzero(made.fold == f)[:1] for f in (0, 1))
    with pytest.raises(ValueError, match="one fold"):
        fitted(i, j)
