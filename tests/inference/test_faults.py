"""Whose fault an error is: the model's own code, or mmaudit and the libraries it calls."""

import json

import numpy as np
import pytest

from mmaudit.errors import InputError, UsageError
from mmaudit.inference.faults import Faults
from mmaudit.measures.answers import from_probabilities


def wrong():
    return {}["x"]


def wrong_in_a_library():
    return json.loads("{")


def wrong_in_mmaudit():
    return from_probabilities(np.zeros(2, int), np.zeros(3))


@pytest.mark.parametrize("fails", [wrong, wrong_in_a_library])
def test_errors_of_the_users_code_name_its_line(fails):
    failed = r"the model python:m\.py:f failed: \w+Error: "
    with pytest.raises(InputError, match=failed) as told, Faults("python:m.py:f"):
        fails()
    file, _, line = told.value.where.rpartition(":")
    assert file == __file__
    assert int(line) == fails.__code__.co_firstlineno + 1


def test_other_errors_pass():
    with pytest.raises(ValueError, match="do not go"), Faults("python:m.py:f"):
        wrong_in_mmaudit()
    for error in (UsageError("what", fix="this"), KeyboardInterrupt()):
        with pytest.raises(type(error)), Faults("python:m.py:f"):
            raise error
