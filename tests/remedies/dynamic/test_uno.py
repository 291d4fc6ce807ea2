"""UNO flattens only what is more unsure than usual, and joins by Noisy-Or."""

import math

import pytest
import torch

from mmaudit.remedies.dynamic.uno import LEAST, deviating, usual


def test_up_to_a_deviation_above_the_mean_nothing_changes():
    factors = deviating(torch.tensor([[0.1, 0.5, 0.7, 1.2]]), torch.tensor([[0.5, 0.2]]))
    assert factors[0].tolist() == pytest.approx([1, 1, 1, 0.5 / (0.5 + 0.5)])


def test_the_usual_entropy_is_that_of_rows_that_are_there():
    entropies, there = torch.tensor([[0.4, 0.8, 9.0]]), torch.tensor([[1.0, 1, 0]])
    assert usual(entropies, there, 0.1)[0].tolist() == pytest.approx([0.6, 0.2])


def test_the_usual_entropy_has_a_floor():
    """A network that is sure of every held-out row would else flatten each row to nothing."""
    least = LEAST * math.log(4)
    assert usual(torch.zeros(1, 3), torch.ones(1, 3), least)[0, 0] == pytest.approx(least)
