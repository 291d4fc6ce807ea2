"""A timed model is the same to all that ask, but for how long it may take."""

import time
from dataclasses import replace

import numpy as np
import pytest

from mmaudit.errors import IncompleteError
from mmaudit.models.access import PERSON, Access
from mmaudit.models.base import TwoStage
from mmaudit.models.calls.timed import Timed
from mmaudit.models.load import load

HERE = Access(named_by=PERSON)


class Slow:
    modalities = ("a", "b")
    classes = ("no", "yes")
    accepts_missing = True
    seconds = 0.0

    def scores(self, batch, present):
        time.sleep(self.seconds)
        return np.full((len(present["a"]), 2), 0.5, np.float32)


class Staged(Slow):
    def encode(self, modality, values):
        return np.asarray(values)

    def fuse(self, features, present):
        return np.full((len(present["a"]), 2), 0.5, np.float32)


def test_it_says_of_itself_what_the_model_says():
    plain, timed = load(Staged(), HERE), load(Staged(), replace(HERE, timeout=5.0))
    assert isinstance(timed.model, Timed)
    assert timed.info == plain.info
    assert isinstance(timed.model, TwoStage)
    assert not isinstance(load(Slow(), replace(HERE, timeout=5.0)).model, TwoStage)
    assert timed.model.seconds == 0.0


def test_it_is_given_up_where_it_takes_longer():
    model = load(Slow(), replace(HERE, timeout=0.1)).model
    model.model.seconds = 30.0
    with pytest.raises(IncompleteError, match=r"gave no answer within 0\.1 s"):
        model.scores({}, {"a": [True]})
