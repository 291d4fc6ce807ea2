"""Rows are chosen without sorting all of them, and are those that sorting would have chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.missing import block
from mmaudit.errors import UsageError
from mmaudit.seeds import digests, permanent


@settings(derandomize=True, max_examples=300)
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1), st.floats(0, 1))
def test_of_equal_keys_the_first_rows_are_taken(given_rows, rate):
    keys = np.array([float(key) for key, _ in given_rows])
    able = np.array([there for _, there in given_rows])
    k = row_selection.count(rate, int(able.sum()))
    rows = np.flatnonzero(able)
    expected = np.zeros(keys.size, bool)
    expected[rows[np.argsort(keys[rows], kind="stable")[:k]]] = True
    assert row_selection.first(keys, able, k).tolist() == expected.tolist()


@pytest.mark.parametrize("k", [0, 1, 7, 4999, 5000])
def test_leading_rows_are_the_first_of_all_sorted(k):
    keys = np.random.default_rng(0).integers(0, 2**64, 5000, np.uint64)
    keys[::3] = keys[0]
    assert row_selection.leading(keys, k).tolist() == np.argsort(keys, kind="stable")[:k].tolist()


def by_sorting(rows, rate, seed):
    names, width = row_selection.group_names(rows, "block"), len(rows.modalities)
    by_group = permanent(digests(seed, "missing/block group", names), width)
    by_row = permanent(digests(seed, "missing/block", rows.ids), width)
    out = np.zeros(rows.present.shape, bool)
    for m in range(width):
        order = np.lexsort((by_row[:, m], by_group[:, m]))
        order = order[rows.present[order, m]]
        out[order[: row_selection.count(rate, order.size)], m] = True
    return out


GROUPS = {
    "few": lambda n, rng: rng.choice(["a", "b", "c"], n).astype(object),
    "own": lambda n, _: np.arange(n).astype(object),
    "some without": lambda n, rng: rng.choice(np.array(["a", "b", None], object), n),
    "numbers and their names": lambda n, rng: rng.choice(np.array([1, "1", 2.0], object), n),
    "one": lambda n, _: np.full(n, "a", object),
}


@pytest.mark.parametrize("form", GROUPS)
@pytest.mark.parametrize("rate", [0.0, 0.01, 0.3, 0.77, 1.0])
def test_blocks_are_those_of_a_sorted_list(form, rate):
    rng = np.random.default_rng(1)
    for n in (1, 2, 50, 301):
        rows = Rows(
            ids=[f"id {i}" for i in range(n)],
            modalities=("a", "b"),
            present=rng.random((n, 2)) < 0.8,
            groups=GROUPS[form](n, rng),
        )
        made = block.mask(rows, block.Severity(rate), 5)
        assert made.tolist() == by_sorting(rows, rate, 5).tolist()


def test_blocks_need_groups():
    rows = Rows(ids=["a"], modalities=("m",), present=np.ones((1, 1), bool))
    with pytest.raises(UsageError, match="missing/block needs groups"):
        block.mask(rows, block.Severity(0.5), 0)
