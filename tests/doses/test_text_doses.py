"""The edit rate is the Levenshtein distance over the longer length."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmaudit.doses.text import edit_rate


def plain(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]


@pytest.mark.parametrize(
    ("a", "b", "distance", "longer"),
    [("kitten", "sitting", 3, 7), ("", "", 0, 1), ("", "abc", 3, 3), ("ab", "ba", 2, 2)],
)
def test_known_distances(a, b, distance, longer):
    assert edit_rate(a, b) == distance / longer
    assert edit_rate(b, a) == distance / longer


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("abc👩é"), max_size=40), st.text(st.sampled_from("abc👩é")))
def test_it_is_the_distance_of_dynamic_programming(a, b):
    assert edit_rate(a, b) == pytest.approx(plain(a, b) / max(len(a), len(b), 1))


def test_long_texts_take_many_words_of_bits():
    rng = np.random.default_rng(0)
    for size, other in [(63, 64), (64, 64), (65, 130), (200, 129), (500, 480)]:
        a, b = ("".join(rng.choice(list("abcd"), n)) for n in (size, other))
        assert edit_rate(a, b) == plain(a, b) / max(size, other)


def test_nothing_in_common_is_1():
    assert edit_rate("a" * 300, "b" * 200) == 1.0
    assert edit_rate("\ud800", "x") == 1.0
