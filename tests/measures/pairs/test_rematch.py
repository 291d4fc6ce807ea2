"""Suggested partners are the right ones."""

import numpy as np

from clip_like import mismatched
from mmaudit.measures.pairs import (
    rematch,
)


def test_suggestions_are_the_right_partners():
    rng = np.random.default_rng(3)
    item = rng.normal(size=(300, 64)).astype(np.float32)
    item /= np.linalg.norm(item, axis=1, keepdims=True)
    partner, wrong = mismatched(300, 0.2, 0)
    suspects = np.flatnonzero(wrong)
    best, cosine = rematch.suggestions(item, item[partner], suspects, (np.arange(300),))
    np.testing.assert_array_equal(partner[best], suspects)
    np.testing.assert_allclose(cosine, 1, atol=1e-5)
