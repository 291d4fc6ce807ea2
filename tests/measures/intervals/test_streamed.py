import itertools

import numpy as np
import pytest

from mmaudit.measures.intervals.bootstrap import replicated_mean, unit_keys, weights
from mmaudit.measures.intervals.streamed import Chunk, means


def made(n=500, parts=3, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, 4)) * [1, 1e-6, 1e6, 0]
    values[rng.random(n) < 0.2, 1] = np.nan
    return unit_keys(0, [str(i) for i in range(n)]), values, rng.integers(0, parts, n)


def pieces(keys, values, part, cuts):
    def read():
        edges = [0, *cuts, len(keys)]
        for a, b in itertools.pairwise(edges):
            yield Chunk(keys[a:b], values[a:b], part[None, a:b])

    return read


def test_equals_the_means_of_each_part():
    keys, values, part = made()
    (told,) = means("abcd", pieces(keys, values, part, [1, 200]), [3], 60)
    drawn = weights(keys, 0, 60)
    for p in range(3):
        for c, name in enumerate("abcd"):
            inside = (part == p) & ~np.isnan(values[:, c])
            one = told.of(name, p)
            scale = max(np.abs(values[inside, c]).max(), 1e-300)
            assert one.point == pytest.approx(values[inside, c].mean(), abs=1e-11 * scale)
            expected = [np.average(values[inside, c], weights=w[inside]) for w in drawn]
            assert one.draws == pytest.approx(expected, abs=1e-11 * scale)
            assert one.n == inside.sum()


def test_neither_order_nor_cuts_change_a_bit():
    keys, values, part = made()
    (whole,) = means("abcd", pieces(keys, values, part, []), [3], 40)
    order = np.random.default_rng(1).permutation(len(keys))
    (again,) = means(
        "abcd", pieces(keys[order], values[order], part[order], [7, 8, 300]), [3], 40, held=64
    )
    assert (again.points == whole.points).all()
    assert np.array_equal(again.draws, whole.draws, equal_nan=True)
    assert (again.n == whole.n).all()


def test_draws_are_those_of_the_bootstrap():
    keys, values, _ = made()
    one = replicated_mean(values[:, 0], keys, 50)
    (told,) = means("abcd", pieces(keys, values, np.zeros(500, int), [99]), [1], 50)
    told = told.of("a")
    assert told.point == pytest.approx(one.point, abs=1e-13)
    assert told.draws == pytest.approx(one.draws, abs=1e-13)


def test_units_are_counted_once():
    keys = unit_keys(0, list("aabbc"))
    values = np.array([[1.0, np.nan], [2, 1], [3, np.nan], [4, np.nan], [5, 1]])
    (told,) = means(["x", "y"], pieces(keys, values, np.zeros(5, int), [1]), [1], 10)
    assert told.n.tolist() == [[3, 2]]


def test_a_part_without_values_is_said():
    keys, values, part = made(50, 1)
    (told,) = means("abcd", pieces(keys, values, part, []), [2], 10)
    assert told.has("a", 0)
    assert not told.has("a", 1)
    assert not told.has("z")
    assert np.isnan(told.of("a", 1).point)


def test_infinite_values_are_refused():
    keys, values, part = made(50, 1)
    values[3, 0] = np.inf
    with pytest.raises(ValueError, match="finite"):
        means("abcd", pieces(keys, values, part, []), [1], 5)


@pytest.mark.parametrize("groups", [0, 1500])
def test_blocks_of_many_units_spread_as_units_do(groups):
    """Of 100 columns each interval covers as often as that of the units, and is as wide."""
    rng = np.random.default_rng(3)
    n, columns = 3000, 100
    unit = rng.integers(0, groups, n) if groups else np.arange(n)
    effects = rng.exponential(size=(unit.max() + 1, columns))
    values = effects[unit] + rng.normal(size=(n, columns))
    keys = unit_keys(0, [str(u) for u in unit])
    chunk = Chunk(keys, values, np.zeros((1, n), int))
    (told,) = means([str(c) for c in range(columns)], [chunk].__iter__, [1], 300)
    drawn = weights(keys, 0, 300).astype(float)
    rows = drawn @ values / drawn.sum(axis=1, keepdims=True)
    ratio = told.draws[:, 0].std(axis=0) / rows.std(axis=0)
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    ends = [told.of(str(c)).estimate() for c in range(columns)]
    assert np.mean([e.low <= 1 <= e.high for e in ends]) > 0.88


def test_what_is_constant_is_so_in_every_draw():
    keys, _, part = made(3000, 2)
    (told,) = means("a", pieces(keys, np.full((3000, 1), 1 / 3), part, [700]), [2], 50)
    assert told.points[:, 0] == pytest.approx(1 / 3)
    assert (told.draws == told.points).all()
