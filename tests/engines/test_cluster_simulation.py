"""The simulation of many workers says what can be said without it."""

import numpy as np
import pytest
from study_cluster import Cluster, makespan

PLAIN = {"load": 0, "driver": 0, "slow": 0, "straggling": 0, "fail": 0}


@pytest.mark.parametrize(
    ("changes", "seconds", "end"),
    [
        ({}, [2.0] * 5_000, 10.0),  # as many units for each
        ({"workers": 1, "load": 3}, [1.0, 2.0, 4.0], 10.0),
        ({"driver": 0.5}, [1.0] * 4_000, 2_001.0),  # who hands out is the bound
        ({"slow": 1.0, "slower": 2.0}, [2.0] * 5_000, 20.0),
        ({"straggling": 1.0, "longer": 3.0}, [2.0] * 5_000, 30.0),
    ],
)
def test_an_end_that_is_known(changes, seconds, end):
    got = makespan(np.array(seconds), Cluster(**PLAIN | changes), np.random.default_rng(0))
    assert got == pytest.approx(end)


def test_what_is_lost_costs_its_time_and_the_way_back():
    """One worker: each loss is half a unit on average, and the way back; 1 / (1 - fail) tries."""
    cluster = Cluster(**PLAIN | {"workers": 1, "fail": 0.2, "back": 3})
    got = makespan(np.full(4_000, 2.0), cluster, np.random.default_rng(0))
    assert got == pytest.approx(4_000 * (2 + 0.25 * (1 + 3)), rel=0.02)


def test_a_hundred_units_a_worker_leave_nine_in_ten_seconds_for_work():
    rng = np.random.default_rng(0)
    seconds = rng.lognormal(0, 0.25, 100_000) * 60
    assert seconds.sum() / 1_000 / makespan(seconds, Cluster(), rng) >= 0.9
