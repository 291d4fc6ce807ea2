"""What was learnt on few independent pairs calls nothing mismatched."""

import numpy as np

from mmaudit.measures.pairs.evidence.learning import unlearnt
from mmaudit.measures.pairs.nulls import Pairs
from mmaudit.measures.pairs.study import study


def test_captions_of_few_photos_are_few_pairs():
    """1,000 rows of 200 photos: half of their captions were flagged where all are right."""
    rng = np.random.default_rng(0)
    photo = np.repeat(np.arange(200), 5)
    item = rng.normal(size=(200, 12))
    left = np.tanh(item @ rng.normal(size=(12, 30)))[photo]
    right = item[photo] + rng.normal(size=(1000, 12))
    pairs = Pairs(
        left=left.astype(np.float32), right=right.astype(np.float32), group=photo, shared=False
    )
    doubt = unlearnt(pairs, study(pairs, "head", 0), "head", 0)
    assert "200 independent pairs teach too little" in doubt
