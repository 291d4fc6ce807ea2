"""What a copy of a vector is, the dataset says: in clean data none is, of whatever law."""

import numpy as np
import pytest

from mmaudit.audits.inspect.learning import embedded
from mmaudit.fingerprints import vector
from mmaudit.fingerprints.vector import LEAST, space

COUNT, SETS = 300, 5
LAWS = {
    "normal, 3": lambda rng: rng.normal(size=(COUNT, 3)),
    "normal, 40": lambda rng: rng.normal(size=(COUNT, 40)),
    "uniform, 5": lambda rng: rng.random((COUNT, 5)),
    "binary, 12": lambda rng: (rng.random((COUNT, 12)) < 0.5) * 1.0,
    "rarely one, 64": lambda rng: (rng.random((COUNT, 64)) < 0.05) * 1.0,
    "log-normal, 10": lambda rng: np.exp(rng.normal(size=(COUNT, 10))),
    "counts, 20": lambda rng: rng.poisson(2.0, (COUNT, 20)) * 1.0,
    "a thousand away, 16": lambda rng: 1000 + rng.normal(size=(COUNT, 16)),
    "one of 20 varies": lambda rng: np.append(np.ones((COUNT, 19)), rng.normal(size=(COUNT, 1)), 1),
    "on a curved plane": lambda rng: np.sin(rng.random((COUNT, 2)) @ rng.normal(size=(2, 30)) * 3),
}


def nearest(rows, learnt):
    """Smallest distance of two rows, (1,)."""
    first, second = np.triu_indices(len(rows), 1)
    return learnt.distances(rows[first], rows[second]).min()


@pytest.mark.parametrize("farthest", [vector.FARTHEST, embedded.FARTHEST])
def test_different_vectors_of_clean_data_are_no_copies(farthest):
    """At most .01 of 50 sets are expected to have any: more than 3 in 1 of 500 such tests."""
    wrong = 0
    for law in LAWS.values():
        rng = np.random.default_rng(0)
        for _ in range(SETS):
            rows = np.unique(law(rng).astype(np.float32), axis=0).astype(np.float64)
            learnt = space(rows, len(rows), farthest)
            wrong += learnt.limit > 0 and nearest(rows, learnt) <= learnt.limit
    assert wrong <= 3


def test_the_limit_shrinks_with_more_vectors_and_fewer_dimensions():
    rng = np.random.default_rng(0)
    limits = [space(rng.normal(size=(500, d)), n).limit for d in (3, 5) for n in (10**6, 10**3)]
    assert limits == sorted(limits)
    assert limits[-1] > 100 * LEAST


def test_what_cannot_be_learnt_has_no_fingerprint():
    few, constant = np.ones((10, 4), np.float32), np.ones((100, 4), np.float32)
    for rows in ([], few, constant, 0 * constant):
        assert vector.learn(list(rows), 10**6).take(np.ones(4, np.float32), 0.0) is None
    assert vector.FINGERPRINT.take(np.ones(4, np.float32), 0.0) is None
