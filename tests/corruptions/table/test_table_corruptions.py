"""The table corruptions' own mathematics."""

from itertools import pairwise

import numpy as np
import pytest

from mmaudit import parts
from mmaudit.doses.base import Column, Context
from mmaudit.seeds import words

NAN = np.nan
ROW = np.array([1.0, "red", 20.0, "yes", None, 3.0, 0.0], object)
OTHER = np.array([5.0, "blue", 70.0, "no", 9.0, None, 1.0], object)
COLUMN = Column(
    sd=np.array([2.0, NAN, 10.0, NAN, 1.0, 0.5, 0.0]),
    low=np.array([0.0, NAN, 0.0, NAN, 1.0, -1.0, 0.0]),
    high=np.array([9.0, NAN, 90.0, NAN, 4.0, 4.0, 0.0]),
    categories=((), ("blue", "green", "red"), (), ("no", "yes"), (), (), ()),
)
AROUND = Context(column=COLUMN, donors=(OTHER,))
NAMES = [n.removeprefix("table/") for n in parts.match("corruptions", ("table/*",))]
NUMBERS, TEXTS = [0, 2, 5, 6], [1, 3]


def load(name):
    return parts.load("corruptions", f"table/{name}").CORRUPTION


def damage(name, severity, sample="a", clean=ROW, around=AROUND):
    return load(name).damage(clean, severity, words(0, name, sample), around)


def many(name, severity, n=2000):
    return [damage(name, severity, str(i)) for i in range(n)]


def test_noise_is_in_units_of_each_column_and_leaves_the_rest():
    rows = np.array([[r[i] for i in NUMBERS] for r in many("gaussian_noise", 5)])
    sd = rows.std(axis=0)
    np.testing.assert_allclose(sd[:3], 0.8 * COLUMN.sd[NUMBERS[:3]], rtol=6 / np.sqrt(4000))
    assert (rows[:, 3] == 0.0).all()  # no spread, no noise
    assert all(r[1] == "red" and r[4] is None for r in many("gaussian_noise", 5, 20))


def test_dropped_cells_are_empty():
    lost = np.mean([[r[i] is None for i in (0, 1, 2, 3, 5, 6)] for r in many("drop_entry", 3)])
    assert abs(lost - 0.3) < 6 * 0.5 / np.sqrt(2000 * 6)


def test_swap_is_a_real_swap():
    """MultiBench copies: [1, 2, 3, 4] becomes [1, 1, 1, 1]."""
    clean = np.array([1.0, 2.0, 3.0, 4.0], object)
    moved = 0
    for i in range(500):
        worse = damage("swap_entry", 5, str(i), clean)
        assert sorted(worse) == [1.0, 2.0, 3.0, 4.0]
        moved += sum(a != b for a, b in zip(clean, worse, strict=True))
    assert abs(moved / 2000 - 0.5) < 6 * 0.5 / np.sqrt(500)


def test_swap_keeps_types_in_their_columns():
    for worse in many("swap_entry", 5, 300):
        assert all(isinstance(worse[i], float) for i in NUMBERS)
        assert all(isinstance(worse[i], str) for i in TEXTS)
        assert worse[4] is None


def test_flipped_categories_are_others_that_the_column_knows():
    seen = {r[1] for r in many("category_flip", 5, 200)}
    assert seen == {"blue", "green"}
    assert {r[3] for r in many("category_flip", 5, 20)} == {"no"}


def test_units_are_wrong_by_the_factor_both_ways():
    ratios = {round(r[2] / 20.0, 6) for r in many("unit_error", 3, 400)}
    assert ratios == {1.0, 10.0, 0.1}
    assert {round(r[2] / 20.0, 6) for r in many("unit_error", 5, 400)} == {1.0, 1000.0, 0.001}
    assert all(r[6] == 0.0 for r in many("unit_error", 5, 50))


def test_stale_cells_are_the_other_records():
    for worse in many("stale_value", 5, 100):
        assert all(a in {b, c} for a, b, c in zip(worse, ROW, OTHER, strict=True))


def test_out_of_range_is_out_of_range():
    seen = 0
    for worse in many("out_of_range", 5, 200):
        for i in NUMBERS:
            if worse[i] != ROW[i]:
                seen += 1
                assert worse[i] < COLUMN.low[i] or worse[i] > COLUMN.high[i]
    assert seen > 200


@pytest.mark.parametrize("name", NAMES)
def test_severities_nest_and_the_input_stays(name):
    before = ROW.copy()
    levels = [
        [a is not b and a != b for a, b in zip(damage(name, s), ROW, strict=True)]
        for s in range(1, 6)
    ]
    for mild, worse in pairwise(levels):
        assert not any(m and not w for m, w in zip(mild, worse, strict=True))
    assert (before == ROW).all()


@pytest.mark.parametrize("name", NAMES)
def test_rows_without_columns_and_odd_numbers(name):
    empty = np.array([], object)
    nothing = Column(sd=np.zeros(0), low=np.zeros(0), high=np.zeros(0))
    around = Context(column=nothing, donors=(empty,))
    assert damage(name, 5, "a", empty, around).size == 0
    odd = np.array([1e308, "", np.nan, "?", np.inf, -1e308, 5], object)
    worse = damage(name, 5, "a", odd)
    made = [b for a, b in zip(odd, worse, strict=True) if a is not b and isinstance(b, float)]
    if name not in {"swap_entry", "stale_value"}:  # these move what is there
        assert np.isfinite(made).all()
    assert np.isfinite(load(name).dose.of(odd, worse, AROUND))
