"""A training that several remedies read is made once."""

from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.saved import to_bytes
from mmaudit.remedies.training import fit
from mmaudit.testing.remedies import toy

SETUP = TrainingSetup(width=4, steps=4, look=2, settings=((1e-2, 0.0),))
BASE = "control/late_mean"


def test_what_others_have_read_is_not_trained_again():
    data, bases = toy("class", 600, 1), {}
    fit("control/best_unimodal", data, 3, SETUP, bases)
    assert list(bases) == [(BASE, 3)]
    again = fit(BASE, data, 3, SETUP, bases)
    assert again is bases[BASE, 3]
    assert to_bytes(again) == to_bytes(fit(BASE, data, 3, SETUP))
