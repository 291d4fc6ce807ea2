import numpy as np
import pytest

from mmaudit.measures.balance.beliefs import beliefs, sound


def test_against_definitions():
    p = np.random.default_rng(0).dirichlet(np.ones(7), 50)
    labels = np.random.default_rng(1).integers(0, 7, 50)
    told = beliefs(p, labels)
    logs = np.log(p)
    assert (told.right == (p.argmax(axis=1) == labels)).all()
    assert told.p_true == pytest.approx(p[np.arange(50), labels], abs=1e-6)
    assert told.entropy == pytest.approx(-(p * logs).sum(axis=1), abs=1e-5)
    assert told.strength == pytest.approx(
        np.abs(logs - logs.mean(axis=1, keepdims=True)).mean(axis=1), rel=1e-5
    )
    assert told.loss == pytest.approx(-np.log(p[np.arange(50), labels]), rel=1e-5)


def test_certainty_and_ties():
    told = beliefs(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 0]))
    assert told.entropy == pytest.approx([0, np.log(2)])
    assert told.right.tolist() == [1, 0.5]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.5, 0.5], True),
        ([1.1, -0.1], False),
        ([0.5, 0.4], False),
        ([np.nan, 1], False),
        ([np.inf, 0], False),
    ],
)
def test_sound(row, expected):
    assert sound(np.array([[0.3, 0.7], row], np.float32), 1e-4) is expected
