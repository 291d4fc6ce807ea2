"""Families of early decisions: closed testing by its definition, and what errs how often."""

from itertools import combinations

import numpy as np
import pytest

from mmaudit.measures.sequential import families

CLOSE = 1e-9


def closed(owned, best, standing):
    """Every set of standing rows by itself: what its mean capital, or one rich row, rejects."""
    rows = [i for i in range(len(owned)) if standing[i]]
    kept = set()
    for size in range(1, len(rows) + 1):
        for some in combinations(rows, size):
            if np.mean([owned[i] for i in some]) < 1 - CLOSE:
                kept |= set(some)
    alone = {i for i in rows if best[i] >= len(rows)}
    return [i in rows and (i not in kept or i in alone) for i in range(len(owned))]


@pytest.mark.parametrize("seed", range(40))
def test_rejected_is_closed_testing_over_all_sets(seed):
    rng = np.random.default_rng(seed)
    owned = np.exp(rng.normal(0.5, 1.5, (20, 6)))
    best = owned * np.exp(rng.exponential(0.3, owned.shape))
    standing = rng.random(owned.shape) < 0.8
    found = families.rejected(np.log(owned), np.log(best), standing)
    expected = [closed(*rows) for rows in zip(owned, best, standing, strict=True)]
    assert found.tolist() == expected
    assert 0 < found.sum() < found.size


def test_one_row_pays_the_price_of_one_test():
    price = np.log(2 / 0.05)
    told = np.zeros((4, 1), np.int8)
    past = np.array([[price + CLOSE], [price - CLOSE], [price - 1], [-9.0]])
    best = np.array([[price + CLOSE], [price - CLOSE], [price + CLOSE], [-9.0]])
    kept = np.array([[0.0], [0.0], [0.0], [price + CLOSE]])
    assert families.look(told, past, best, kept, alpha=0.05)[:, 0].tolist() == [1, 0, 1, -1]
    held = families.look(told, past, best, kept, alpha=0.05, ready=False)
    assert not held.any()


def test_rows_that_are_past_leave_their_share_to_the_rest():
    alpha = 0.05
    price, poor = np.log(2 / alpha), -5.0
    rich = price + np.log(4) + CLOSE  # pays for every set of four rows

    def look(told, now):
        now = np.array(now)
        return families.look(np.array(told, np.int8), now, now, now * 0, alpha=alpha)

    assert look([0, 0, 0, 0], [rich, poor, poor, poor]).tolist() == [1, 0, 0, 0]
    second = price + np.log(3) + CLOSE
    assert look([0, 0, 0, 0], [poor, second, poor, poor]).tolist() == [0, 0, 0, 0]
    assert look([1, 0, 0, 0], [rich, second, poor, poor]).tolist() == [1, 1, 0, 0]
    # rows that keep their limits stand: they are among those that may be called past wrongly
    assert look([-1, 0, 0, 0], [poor, second, poor, poor]).tolist() == [-1, 0, 0, 0]


def test_the_end_is_holm_over_what_stands():
    told = np.array([1, 0, 0, 0, -1], np.int8)
    p_past = np.array([0.9, 0.004, 0.006, 0.2, 0.0])
    p_kept = np.array([0.0, 0.9, 0.9, 0.02, 0.9])
    # four stand: 0.025 / 4 = 0.00625, then 0.025 / 3 = 0.0083, then 0.0125
    end = families.end(told, p_past, p_kept, alpha=0.05)
    assert end.tolist() == [1, 1, 1, -1, -1]
    end = families.end(told * 0, p_past + 0.004, p_kept, alpha=0.05)
    assert end.tolist() == [-1, 0, 0, -1, 1]
    held = families.end(told, p_past, p_kept, alpha=0.05, ready=np.array([0, 0, 1, 1, 1], bool))
    assert held.tolist() == [1, 0, 1, -1, -1]
