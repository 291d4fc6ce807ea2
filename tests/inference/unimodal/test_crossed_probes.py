"""Probes that answer for the half they were not chosen or fitted on: nothing is in their favour."""

import numpy as np
import pytest

from mmaudit.inference.unimodal.probes import ProbeRows, crossed
from mmaudit.measures.tasks.absence.unimodal import shown, tails


def rows(labels, groups=None, **views):
    n = labels.size
    everyone = {m: np.ones(n, bool) for m in views}
    return ProbeRows([str(i) for i in range(n)], labels, groups, everyone, views, {})


@pytest.mark.parametrize(("n", "size", "sets"), [(60, 1, 25), (80, 4, 15)])
def test_noise_is_not_called_better_than_a_coin(n, size, sets):
    """A model that tosses a coin, two modalities of noise, each seen in two ways.

    At 2.5 % of sets more than 3 of 25 are wrong in 0.3 % of runs over all seeds.
    """
    rng, wrong = np.random.default_rng(n), 0
    groups = np.arange(n // size).repeat(size) if size > 1 else None
    for _ in range(sets):
        labels = rng.integers(0, 2, n // size).repeat(size)
        a, b = ([rng.normal(size=(n // size, 3)).repeat(size, 0) for _ in "xy"] for _ in "ab")
        at = rows(labels, groups, a=a, b=b)
        coin = (rng.integers(0, 2, n // size).repeat(size) == labels).astype(float)
        others = [crossed(at, m, 2) for m in "ab"]
        wrong += any(
            shown([tails(coin, some, groups) for some in (others, *([o] for o in others))])
        )
    assert wrong <= 3


def test_groups_stay_whole():
    """Each group is a class of its own look, told by the group alone: nothing carries over."""
    rng = np.random.default_rng(0)
    looks = rng.normal(size=(40, 8))
    groups = np.arange(40).repeat(5)
    labels = rng.integers(0, 2, 40).repeat(5)
    own = looks.repeat(5, 0)
    assert crossed(rows(labels, None, a=[own]), "a", 2).mean() > 0.9
    assert crossed(rows(labels, groups, a=[own]), "a", 2).mean() < 0.7


def test_what_is_told_is_found_and_what_is_absent_is_guessed():
    labels = np.tile([0, 1, 1], 60)
    at = rows(labels, a=[(labels[:, None] * 4.0 + np.random.default_rng(0).normal(size=(180, 1)))])
    at.present["a"][::4] = False
    at.views["a"][0] = at.views["a"][0][at.present["a"]]
    right = crossed(at, "a", 2)
    assert right[at.present["a"]].mean() > 0.9
    assert (right[~at.present["a"]] == labels[~at.present["a"]]).all()  # the most frequent class
