"""What two modalities tell of a label, and tell twice, has known answers; strangers repeat nothing."""

import numpy as np
import pytest

from mmaudit.measures.balance.redundancy import redundancies

MARGIN = 0.8  # of a number that is 1 or -1 of two classes, beside noise of variance 1
BITS, BITS_OF_BOTH = 0.3527, 0.5685  # that one such number tells, and two: by numerical integration


def pair(seed, n, second):
    """Two classes, a number that tells them beside three of noise, and another modality."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    sign = MARGIN * (2 * labels - 1)[:, None]
    one, two = (
        np.concatenate([sign + rng.normal(size=(n, 1)), rng.normal(size=(n, 3))], 1) for _ in "ab"
    )
    others = {
        "copy": one + 0.01 * rng.normal(size=one.shape),
        "given": two,
        "noise": rng.normal(size=(n, 4)),
    }
    return {"one": one, "other": others[second]}, labels


def test_what_two_tell_that_are_independent_given_the_label():
    features, labels = pair(0, 1000, "given")
    one = redundancies(features, labels, 2, None)["one"]
    assert one.alone.value == pytest.approx(BITS, abs=0.06)
    assert one.both.value == pytest.approx(BITS_OF_BOTH, abs=0.06)
    assert one.redundant.value == pytest.approx(2 * BITS - BITS_OF_BOTH, abs=0.05)
    assert one.informative
    assert 0 < one.redundant.low < one.redundant.value < one.redundant.high


def test_a_copy_tells_all_of_it_again():
    features, labels = pair(1, 500, "copy")
    for one in redundancies(features, labels, 2, None).values():
        assert one.redundant.value == pytest.approx(one.alone.value, abs=0.03)


def test_noise_tells_nothing_and_repeats_nothing():
    """.05 of 100 sets of 200, and of 40 of 600, told something; more than 3 of 12 are 1 in 450."""
    every = [redundancies(*pair(seed, 150, "noise"), 2, None)["other"] for seed in range(12)]
    assert sum(one.informative for one in every) <= 3
    assert np.mean([one.alone.value for one in every]) == pytest.approx(0, abs=0.02)


def test_what_only_both_tell_is_not_redundant():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 600, 1))
    labels = ((a > 0) ^ (b > 0)).ravel().astype(int)
    one = redundancies({"a": a, "b": b}, labels, 2, None)["a"]
    assert one.alone.value < 0.05
    assert one.both.value > 0.3
    assert one.redundant.high < 0


def test_other_parts_of_a_label_are_not_redundant():
    rng = np.random.default_rng(3)
    halves = rng.integers(0, 2, (2, 600))
    features = {
        m: np.concatenate(
            [1.6 * half[:, None] + rng.normal(size=(600, 1)), rng.normal(size=(600, 3))], 1
        )
        for m, half in zip("ab", halves, strict=True)
    }
    for one in redundancies(features, halves[0] * 2 + halves[1], 4, None).values():
        assert one.informative
        assert one.redundant.low <= 0


def test_copies_of_rows_in_groups_do_not_narrow_the_interval():
    features, labels = pair(4, 200, "given")
    four = np.tile(np.arange(200), 4)
    plain = redundancies(features, labels, 2, None)["one"].alone
    of_groups = redundancies({m: f[four] for m, f in features.items()}, labels[four], 2, four)[
        "one"
    ].alone
    assert of_groups.n == plain.n == 200
    assert of_groups.high - of_groups.low > 0.8 * (plain.high - plain.low)


def test_features_that_do_not_vary_tell_nothing():
    features, labels = pair(5, 200, "given")
    one = redundancies(features | {"other": np.ones((200, 3))}, labels, 2, None)["other"]
    assert one.alone.value == 0
    assert not one.informative
