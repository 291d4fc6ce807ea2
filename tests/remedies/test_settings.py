"""Settings that remedies are tried with."""

import pytest

from mmaudit import parts
from mmaudit.remedies.base import KIND
from mmaudit.remedies.context import TrainingSetup
from mmaudit.remedies.training import points


@pytest.mark.parametrize("name", parts.names(KIND))
def test_every_setting_says_every_option(name):
    """Whichever is the best is trained again by itself where rows are few."""
    every = points(parts.load(KIND, name).REMEDY, TrainingSetup())
    assert len({frozenset(point) for point in every}) == 1
    assert len({tuple(sorted(point.items())) for point in every}) == len(every)


@pytest.mark.parametrize("name", parts.names(KIND))
def test_what_any_loss_gains_by_is_in_no_grid(name):
    """Or a method with it would be ahead of one without, by nothing of its own."""
    assert not {"smoothing", "rate"} & {
        option for point in parts.load(KIND, name).REMEDY.grid for option in point
    }
