"""Values that share a key are candidates, and pairs make groups."""

import numpy as np

from mmaudit.measures.data import copies
from mmaudit.measures.data.copies import candidates, groups


def pairs(stored, asked):
    return {
        (int(a), int(b))
        for one, other in candidates(np.array(stored, np.uint64), np.array(asked, np.uint64))
        for a, b in zip(one, other, strict=True)
    }


def test_a_shared_key_in_the_same_band_makes_a_pair():
    stored = [[1, 7], [2, 7], [3, 1], [1, 9]]
    assert pairs(stored, [[row] for row in stored]) == {(0, 1), (0, 3)}


def test_any_window_may_ask():
    assert pairs([[1], [2], [3]], [[[1], [3]], [[9], [9]], [[3], [2]]]) == {(0, 2), (1, 2)}


def test_as_many_pairs_as_brute_force_finds(monkeypatch):
    monkeypatch.setattr(copies, "AT_ONCE", 50)
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 12, (60, 5))
    asked = np.stack([stored, rng.integers(0, 12, (60, 5))], axis=1)
    wanted = {
        (min(i, j), max(i, j))
        for i in range(60)
        for j in range(60)
        if i != j and (asked[i] == stored[j]).any()
    }
    assert pairs(stored, asked) == wanted


def test_keys_that_too_many_share_are_passed_over(monkeypatch):
    monkeypatch.setattr(copies, "MOST", 3)
    stored = [[1]] * 4 + [[2]] * 2
    assert pairs(stored, [[row] for row in stored]) == {(4, 5)}


def test_pairs_that_connect_make_one_group():
    number = groups(np.array([0, 1, 4]), np.array([1, 2, 5]), 6)
    assert number[0] == number[1] == number[2] != number[3]
    assert number[4] == number[5] not in (number[0], number[3])
