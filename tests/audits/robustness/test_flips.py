"""What damage destroyed and what it repaired: their difference is the drop, to the last answer."""

import numpy as np
import pytest

from mmaudit.audits.robustness.answers import Classes, Embeddings, Labelled, Numbers
from mmaudit.audits.robustness.numbers.flips import changes

CLASSES = Classes(("a", "b", "c"), (0, 1, 2))


def drawn(rng, n=400):
    label = rng.integers(0, 3, n)
    clean, there = ({"label": label, "prediction": rng.integers(0, 3, n)} for _ in range(2))
    return clean, there


def test_net_is_the_drop_and_gross_is_the_flip_rate():
    clean, there = drawn(np.random.default_rng(0))
    rates = {name: values.mean() for name, values in changes(CLASSES, clean, there).items()}
    right = [(one["prediction"] == one["label"]).mean() for one in (clean, there)]
    assert rates["destroyed_rate"] - rates["repaired_rate"] == pytest.approx(right[0] - right[1])
    both_wrong = (
        (clean["prediction"] != clean["label"])
        & (there["prediction"] != there["label"])
        & (clean["prediction"] != there["prediction"])
    ).mean()
    parts = rates["destroyed_rate"] + rates["repaired_rate"] + both_wrong
    assert rates["flip_rate"] == pytest.approx(parts)
    assert both_wrong > 0.1


def test_a_drop_of_0_may_be_many_lost_and_as_many_won():
    label = np.zeros(4, np.int64)
    clean = {"label": label, "prediction": np.array([0, 0, 1, 1])}
    there = {"label": label, "prediction": np.array([1, 0, 0, 2])}
    split = changes(CLASSES, clean, there)
    assert split["destroyed_rate"].tolist() == [True, False, False, False]
    assert split["repaired_rate"].tolist() == [False, False, True, False]
    assert split["flip_rate"].tolist() == [True, False, True, True]


def test_several_labels_are_right_where_all_are():
    task = Labelled(("x", "y"), (0, 1))
    truth = np.array([[1, 0], [1, 0], [1, 1]], np.uint8)
    clean = {"truth": truth, "probabilities": np.array([[0.9, 0.1], [0.9, 0.9], [0.9, 0.1]])}
    there = {"truth": truth, "probabilities": np.array([[0.9, 0.9], [0.9, 0.1], [0.1, 0.1]])}
    split = changes(task, clean, there)
    assert split["destroyed_rate"].tolist() == [True, False, False]
    assert split["repaired_rate"].tolist() == [False, True, False]
    assert "flip_rate" not in split


@pytest.mark.parametrize("task", [Numbers(), Embeddings(("a", "b"))])
def test_numbers_and_pairs_are_neither_right_nor_wrong(task):
    answers = {"label": np.zeros(3), "prediction": np.ones(3)}
    assert changes(task, answers, answers) == {}
