"""Series that are drawn apart are no copies, of whatever law; what differs step by step is none."""

import numpy as np
import pytest

from mmaudit.fingerprints import series

COUNT, SETS, STEPS = 150, 4, 80
LAWS = {
    "noise": lambda rng: rng.normal(size=(STEPS, 1)),
    "walk": lambda rng: np.cumsum(rng.normal(size=(STEPS, 2)), axis=0),
    "tone": lambda rng: np.sin(np.arange(STEPS) / 6 + rng.uniform(0, 6))[:, None],
    "slope": lambda rng: (
        np.linspace(0, rng.normal(), STEPS)[:, None] + 0.05 * rng.normal(size=(STEPS, 1))
    ),
}


def copies(some):
    how = series.learn(some, len(some))
    prints = [how.take(one, 0.0) for one in some]
    if None in prints:
        return 0
    packed = np.stack([np.frombuffer(p, np.uint8) for p in prints])
    first, second = np.triu_indices(len(some), 1)
    near = np.flatnonzero(how.close(packed, first, second))
    return sum(how.same(some[first[i]], 0.0, some[second[i]], 0.0) for i in near)


@pytest.mark.parametrize("law", LAWS)
def test_series_of_clean_sets_are_no_copies(law):
    """At most .01 of sets are expected to have a pair: 2 of 4 in 1 of 1,700 such tests."""
    rng = np.random.default_rng(0)
    sets = [[LAWS[law](rng).astype(np.float32) for _ in range(COUNT)] for _ in range(SETS)]
    assert sum(copies(some) > 0 for some in sets) <= 1


def test_what_differs_within_stretches_is_no_copy():
    """Means of stretches agree, and the steps do not."""
    rng = np.random.default_rng(1)
    some = [np.cumsum(rng.normal(size=(320, 1)), axis=0).astype(np.float32) for _ in range(100)]
    rough = some[0] + 20 * np.tile([1.0, -1.0], 160)[:, None].astype(np.float32)
    how = series.learn([*some, rough], 101)
    assert not how.same(some[0], 0.0, rough, 0.0)
    assert how.same(some[0], 0.0, some[0] * np.float32(2), 0.0)
