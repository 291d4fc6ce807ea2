"""A tie is worth the same whatever its classes are called."""

import numpy as np
import pytest

from mmaudit.measures.games.ties import answered, mean_of_top, share_right
from mmaudit.measures.games.worth import WORTHS, Reference


def test_a_tie_is_right_by_one_over_its_number():
    third = np.full((1, 3), 1 / 3, np.float32) + np.float32([3e-8, 0, -3e-8])
    labels = np.array([2])
    assert share_right(third, labels) == pytest.approx([1 / 3])
    assert share_right(np.array([[0.4, 0.4, 0.2]]), labels).tolist() == [0]
    assert mean_of_top(np.array([[0.7, 0.1, 0.2]]), third) == pytest.approx([1 / 3])


@pytest.mark.parametrize("name", sorted(WORTHS["class"]))
def test_no_worth_depends_on_the_order_of_classes(name):
    rng = np.random.default_rng(0)
    p = rng.multinomial(4, [0.25] * 4, 400) / 4  # many ties
    whole, labels = np.roll(p, 1, axis=0), rng.integers(0, 4, 400)
    there = np.ones((400, 2), bool)
    order = np.array([2, 0, 3, 1])
    place = np.argsort(order)
    one = Reference(truth=labels, whole=whole, there=there)
    other = Reference(truth=place[labels], whole=whole[:, order], there=there)
    worth = WORTHS["class"][name]
    assert worth(p, one) == pytest.approx(worth(p[:, order], other), abs=1e-12)


def test_one_answer_of_a_tie_is_drawn_by_the_id_and_each_as_often():
    p, names = np.tile([0.4, 0.2, 0.4], (3000, 1)), ["x", "y", "a"]
    ids = [f"s{i}" for i in range(3000)]
    said = answered(p, names, ids)
    assert set(said) == {0, 2}
    assert abs((said == 0).mean() - 0.5) < 0.03
    turned = answered(p[:, ::-1], names[::-1], ids)
    assert [names[k] for k in said] == [names[::-1][k] for k in turned]
