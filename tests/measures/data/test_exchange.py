"""Whether a part is drawn as the rest is: exact where it can be, right of ties, of few, of groups."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from mmaudit import seeds
from mmaudit.measures.data.exchange import midranks, p_value

WORDS = seeds.words(0, "test")
SETS = 400


def chosen(rng, n, count):
    inside = np.zeros(n, bool)
    inside[rng.permutation(n)[:count]] = True
    return inside


@pytest.mark.parametrize(("side", "alternative"), [("more", "greater"), ("either", "less")])
def test_of_two_scores_it_is_fishers(side, alternative):
    scores, inside = np.array([1.0] * 7 + [0.0] * 33), np.arange(40) < 5
    inside[20:30] = True
    table = [[5, 10], [2, 23]]
    assert [scores[inside].sum(), (~inside).sum()] == [5, 25]
    sides = {a: stats.fisher_exact(table, a).pvalue for a in ("greater", "less")}
    want = sides["greater"] if side == "more" else 2 * min(sides.values())
    assert p_value(scores, inside, None, WORDS, side=side) == pytest.approx(want)
    assert sides[alternative] >= sides["greater"]


@pytest.mark.parametrize("side", ["either", "more"])
def test_of_few_it_is_that_of_all_choices(side):
    """Of 3,003 choices; 40,000 are drawn, and five standard errors of their share are allowed."""
    values = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 5, 5, 8, 9.0])
    inside = np.isin(np.arange(15), [6, 9, 11, 13, 14])
    ranks = midranks(values) - 8
    sums = np.array([ranks[list(c)].sum() for c in combinations(range(15), 5)])
    out = ranks[inside].sum()
    want = np.mean((np.abs(sums) if side == "either" else sums) >= out - 1e-9)
    got = p_value(midranks(values), inside, None, WORDS, side=side, family=1000)
    assert 0.001 < want < 0.03
    assert got == pytest.approx(want, abs=5 * np.sqrt(want / 40_000))


def laws():
    rng = np.random.default_rng(0)
    for _ in range(SETS):
        yield rng


def sparse(rng):
    return (
        np.where(rng.random(500) < 0.02, rng.integers(1, 4, 500), 0.0),
        chosen(rng, 500, 50),
        None,
    )


def grouped(rng):
    groups = rng.integers(0, 40, 300)
    values = rng.normal(size=40)[groups] + rng.normal(size=300)
    return values, np.isin(groups, rng.permutation(40)[:10]), groups


def mixed(rng):
    groups = rng.integers(0, 40, 300)
    values = rng.normal(size=40)[groups] + rng.normal(size=300)
    return values, rng.random(300) < 0.3, groups


@pytest.mark.parametrize("law", [sparse, grouped, mixed])
@pytest.mark.parametrize("level", [0.01, 0.05])
def test_what_is_drawn_alike_is_seldom_called_another(law, level):
    """P(p <= a) <= a; 400 sets, four standard errors."""
    p = [p_value(midranks(v), i, g, WORDS) for v, i, g in map(law, laws())]
    assert np.mean(np.array(p) <= level) <= level + 4 * np.sqrt(level / SETS)


def test_a_group_counts_as_one():
    """Each sample ten times over tells nothing more."""
    rng = np.random.default_rng(1)
    values, inside = rng.normal(size=60), chosen(rng, 60, 20)
    values[inside] += 0.5
    once = p_value(midranks(values), inside, None, WORDS, family=200)
    tenfold = [np.repeat(x, 10) for x in (values, inside, np.arange(60))]
    grouped = p_value(midranks(tenfold[0]), *tenfold[1:], WORDS, family=200)
    assert grouped == pytest.approx(once, rel=0.2)
    assert p_value(midranks(tenfold[0]), tenfold[1], None, WORDS, family=200) < once / 10


def test_what_is_equal_or_all_inside_says_nothing():
    assert p_value(np.ones(9), np.arange(9) < 3, None, WORDS) == 1
    assert p_value(np.arange(9.0), np.ones(9, bool), None, WORDS) == 1


def test_rows_in_another_order_say_the_same():
    rng = np.random.default_rng(2)
    values, inside, order = rng.normal(size=500), chosen(rng, 500, 90), rng.permutation(500)
    values[inside] += 0.3
    first = p_value(midranks(values), inside, None, WORDS)
    assert p_value(midranks(values)[order], inside[order], None, WORDS) == first < 0.05
