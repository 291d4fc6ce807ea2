import numpy as np
import pytest

from mmaudit.measures.games import worth
from mmaudit.measures.games.worth import WORTHS, Reference
from mmaudit.measures.tasks.base import FLOOR

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.0, 1.0, 0.0]], np.float32)
REFERENCE = Reference(
    truth=np.array([0, 1, 0]), whole=P[:, ::-1], there=np.array([[1, 1], [1, 0], [1, 1]], bool)
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("p_true", [0.7, 0.3, 0.0]),
        ("margin", [0.5, -0.3, -1.0]),
        ("neg_loss", [np.log(0.7), np.log(0.3), np.log(FLOOR)]),
        ("correct", [1, 0, 0]),
        ("correct_size", [2, 0, 0]),
        ("p_predicted", [0.1, 0.1, 1.0]),
    ],
)
def test_worths_of_classes(name, expected):
    assert WORTHS["class"][name](P, REFERENCE) == pytest.approx(expected, abs=1e-6)


def test_entropy_drop_is_nothing_for_no_idea_and_log_k_for_certainty():
    told = worth.entropy_drop(np.array([[0.25] * 4, [1, 0, 0, 0]]), REFERENCE)
    assert told == pytest.approx([0, np.log(4)], abs=1e-12)


def test_squared_error():
    reference = Reference(truth=np.array([1.0, 2.0]), whole=P, there=np.ones((2, 2), bool))
    assert worth.neg_squared_error(np.array([[3.0], [2.0]]), reference) == pytest.approx([-4, 0])


def test_similarity_is_the_mean_cosine():
    rows = np.random.default_rng(0).normal(size=(4, 3, 6))
    unit = rows / np.linalg.norm(rows, axis=2, keepdims=True)
    expected = [np.mean([u[0] @ u[1], u[0] @ u[2], u[1] @ u[2]]) for u in unit]
    assert worth.similarity(rows, REFERENCE) == pytest.approx(expected, abs=1e-12)


def test_similarity_to_nothing_is_zero():
    rows = np.zeros((1, 2, 3))
    rows[0, 0] = 1
    assert worth.similarity(rows, REFERENCE) == 0


@pytest.mark.parametrize("name", ["p_true", "correct"])
def test_no_labels_is_said(name):
    with pytest.raises(ValueError, match="labels"):
        WORTHS["class"][name](P, Reference(truth=None, whole=P, there=REFERENCE.there))
