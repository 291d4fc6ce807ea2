"""Random numbers of lanes: what is rounded, and what depends on it."""

import numpy as np
import torch

from mmaudit.remedies import context
from mmaudit.remedies.context import Draws


class Highest:
    """Words of which every one is the largest that there is."""

    def uniforms(self, n):
        return np.full(n, 1 - 2.0**-33)


def test_a_number_below_1_is_not_rounded_to_1(monkeypatch):
    """Once in some millions of draws it was, and the one of M modalities that stays was none."""
    monkeypatch.setattr(context, "words", lambda *_: Highest())
    drawn = Draws([0], torch.zeros(2, dtype=torch.int64)).uniform("drop", 0, 3, 2)
    assert drawn.shape == (2, 3, 2)
    assert (drawn < 1).all()
    assert ((drawn * 3).long() == 2).all()
    assert drawn.logit().isfinite().all()
