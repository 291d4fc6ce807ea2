"""Whose fault an error is: the model's own code, or mmaudit and the libraries it calls."""

import json
import os
import signal
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from mmaudit.errors import IncompleteError, InputError, MissingError, UsageError
from mmaudit.faults import Faults, StoppedError, Stops
from mmaudit.measures.tasks.base import from_probabilities


def wrong():
    return {}["x"]


def wrong_in_a_library():
    return json.loads("{")


def wrong_in_mmaudit():
    return from_probabilities(np.zeros(2, int), np.zeros(3))


@pytest.mark.parametrize("fails", [wrong, wrong_in_a_library])
def test_errors_of_the_users_code_name_its_line(fails):
    failed = r"the model python:m\.py:f failed: \w+Error: "
    with pytest.raises(InputError, match=failed) as told, Faults.of("python:m.py:f"):
        fails()
    file, _, line = told.value.where.rpartition(":")
    assert file == __file__
    assert int(line) == fails.__code__.co_firstlineno + 1


@pytest.mark.parametrize("end", [SystemExit(0), SystemExit(1), SystemExit("no")])
def test_what_ends_the_program_is_a_failure_too(end):
    with pytest.raises(InputError, match=r"it ends the program, with sys\.exit\("), Faults("it"):
        raise end


def test_an_interruption_is_a_persons_and_not_the_codes():
    """Ctrl-C is told from ``raise KeyboardInterrupt`` once mmaudit answers the signal."""
    before = signal.signal(signal.SIGINT, Stops())
    try:
        with pytest.raises(KeyboardInterrupt), Faults("it"):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(InputError, match="KeyboardInterrupt"), Faults("it"):
            raise KeyboardInterrupt
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_it_lacks_is_missing():
    with pytest.raises(MissingError, match=r"is not there: weights\.pt"), Faults("it"):
        open("weights.pt")  # noqa: SIM115
    with pytest.raises(MissingError, match="needs the module 'nowhere'") as refused, Faults("it"):
        import nowhere  # noqa: F401
    assert refused.value.fix == "pip install nowhere"


def test_a_module_of_the_user_may_be_installed():
    """Its lines are the model's, though they lie among libraries."""
    place = str(Path(sysconfig.get_path("purelib"), "their_model.py"))
    theirs = {"__name__": "their_model"}
    exec(compile("def scores():\n    raise ValueError('theirs')\n", place, "exec"), theirs)
    with (
        pytest.raises(InputError, match="theirs") as refused,
        Faults.of("python:their_model:factory"),
    ):
        theirs["scores"]()
    assert refused.value.where == f"{place}:2"
    with pytest.raises(InputError) as refused, Faults.of("python:another:factory"):
        theirs["scores"]()
    assert refused.value.where.startswith(__file__)


def test_a_generator_that_is_closed_is_no_failure_and_one_who_says_so_is():
    def waits():
        with Faults("it"):
            yield

    waiting = waits()
    next(waiting)
    waiting.close()

    def says():
        raise GeneratorExit

    with pytest.raises(InputError, match="GeneratorExit"), Faults("it"):
        says()


def test_other_errors_pass():
    with pytest.raises(ValueError, match="do not go"), Faults.of("python:m.py:f"):
        wrong_in_mmaudit()
    with pytest.raises(UsageError), Faults.of("python:m.py:f"):
        raise UsageError("what", fix="this")
    with pytest.raises(KeyboardInterrupt), Faults.of("python:m.py:f"):
        signal.raise_signal(signal.SIGINT)  # as a person does


def test_what_runs_out_of_memory_is_incomplete_and_names_its_line():
    class OutOfMemoryError(RuntimeError):
        """As that of a device."""

    for error in (MemoryError(), OutOfMemoryError("no room on the device")):
        with pytest.raises(IncompleteError, match="ran out of memory") as refused, Faults("it"):
            raise error
        assert refused.value.where.startswith(f"{__file__}:")
        assert "--batch-size" in refused.value.fix


def test_a_second_signal_is_not_waited_for(monkeypatch):
    stops, ends = Stops(), []
    monkeypatch.setattr(os, "_exit", ends.append)
    with pytest.raises(StoppedError):
        stops(signal.SIGTERM, None)
    stops(signal.SIGTERM, None)
    assert not ends, "at once it is the same"
    stops.first -= 2
    stops(signal.SIGTERM, None)
    assert ends == [143]
