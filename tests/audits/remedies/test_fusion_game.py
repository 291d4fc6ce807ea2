"""The game of a trained method: every coalition up to six modalities, some of them beyond."""

import numpy as np
import pytest

from mmaudit.audits.remedies.contributions import EXACT, FusionGame


def game(modalities, n=30, task="number"):
    rng = np.random.default_rng(0)
    present = rng.random((n, modalities)) > 0.2
    return FusionGame(
        task=task,
        truth=np.zeros(n) if task == "number" else np.zeros(n, np.int64),
        present=present,
        keys=rng.integers(0, 2**63, n).astype(np.uint64),
    )


@pytest.mark.parametrize("modalities", [3, EXACT, EXACT + 2])
def test_where_worth_is_a_sum_each_brings_its_own(modalities):
    """The squared error of the root of a sum is the sum, and each modality brings minus its term."""
    of, terms = game(modalities), np.arange(1.0, modalities + 1)
    asked = []

    def answers(there):
        asked.append(there)
        return np.sqrt(there @ terms)[:, None]

    phi = of.contributions(answers)
    assert np.allclose(phi[of.present], np.broadcast_to(-terms, phi.shape)[of.present])
    assert np.isnan(phi[~of.present]).all()
    assert all((there <= of.present).all() for there in asked)
    if modalities <= EXACT:
        assert len(asked) == 1 + 2**modalities


def test_of_classes_the_worth_is_the_probability_of_the_truth():
    of = game(2, task="class")
    p = {(False, False): 0.2, (True, False): 0.5, (False, True): 0.3, (True, True): 1.0}

    def answers(there):
        own = np.array([p[tuple(row)] for row in there.tolist()])
        return np.stack([own, 1 - own], axis=1)

    phi = of.contributions(answers)
    both = of.present.all(axis=1)
    assert np.allclose(phi[both], [0.5, 0.3])
    assert np.allclose(phi[of.present[:, 0] & ~both, 0], 0.3)
