"""A call that takes too long is ended, or its process is; its line is named."""

import re
import signal
import threading
import time

import pytest

from mmaudit import patience as module
from mmaudit.errors import IncompleteError, UsageError
from mmaudit.faults import Faults
from mmaudit.patience import Patience, ended_by, require

FAULTS = Faults("the model")
LINE = rf"{re.escape(__file__)}:\d+"


def sleep():
    time.sleep(30)


def regular():
    re.match(r"(a+)+$", "a" * 40 + "b")


def lock():
    own = threading.Lock()
    own.acquire()
    own.acquire()


def stubborn():
    for _ in range(2):
        try:
            time.sleep(30)
        except IncompleteError:
            continue
    time.sleep(30)


@pytest.mark.parametrize("call", [sleep, regular, lock, stubborn])
def test_what_hangs_in_the_main_thread_is_ended_by_an_error(call):
    with (
        pytest.raises(IncompleteError, match=r"the model gave no answer within 0\.1 s") as given_up,
        Patience(0.1, FAULTS, again=0.05),
    ):
        call()
    assert re.fullmatch(LINE, given_up.value.where)
    assert "--timeout" in given_up.value.fix
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize("again", [0.0005, 0.0002])
def test_an_alarm_while_a_call_ends_or_an_alarm_is_answered_is_not_heard(again):
    for _ in range(200):
        with (
            pytest.raises(IncompleteError) as given_up,
            Patience(0.001, FAULTS, again=again),
        ):
            sleep()
        assert re.fullmatch(LINE, given_up.value.where)
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_what_answers_in_time_is_left_alone():
    with Patience(0.05, FAULTS):
        pass
    time.sleep(0.3)


def test_what_hangs_in_another_thread_ends_its_process(monkeypatch):
    monkeypatch.setattr(module, "_ENDS", [])
    said, stop = [], threading.Event()
    ended_by(lambda error: (said.append(error), stop.set()))

    def hang():
        with Patience(0.1, FAULTS):
            stop.wait(30)

    thread = threading.Thread(target=hang)
    thread.start()
    thread.join(30)
    assert re.fullmatch(LINE, said[0].where)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_no_time_is_refused(seconds):
    with pytest.raises(UsageError, match="--timeout"):
        require(seconds)
