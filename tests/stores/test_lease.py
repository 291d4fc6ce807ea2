"""Leases: whoever comes first in the store is alone, whatever the clocks and machines do."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import s3_server
from mmaudit.errors import IncompleteError
from mmaudit.locks import LOCK
from mmaudit.stores import lease
from mmaudit.stores.lease import Lease
from mmaudit.stores.objects import Objects

RUN = "s3://bucket/run"
HELD = f"run/{LOCK}"


def machine(tmp_path, number):
    return Lease(Objects(RUN), "robustness", tmp_path / f"machine-{number}")


def takers(tmp_path, count=6):
    """Who of several machines gets the lease, all at once."""

    def take(number):
        one = machine(tmp_path, number)
        try:
            one.take()
        except IncompleteError:
            return None
        return one

    with ThreadPoolExecutor(count) as threads:
        return [one for one in threads.map(take, range(count)) if one]


def test_of_many_who_come_at_once_one_is_alone(s3, tmp_path):
    (one,) = takers(tmp_path)
    assert s3.content(HELD) == one.text
    one.release()
    assert s3.names() == []


def test_of_many_who_see_that_a_lease_has_ended_one_is_alone(s3, tmp_path):
    s3.put(HELD, b"somebody who is gone")
    s3.age(HELD, lease.SECONDS + 5)
    (one,) = takers(tmp_path)
    assert s3.content(HELD) == one.text
    one.release()
    assert s3.names() == []


def test_whoever_died_while_taking_over_holds_nobody_up(s3, tmp_path):
    s3.put(HELD, b"somebody who is gone")
    first = machine(tmp_path, "first")
    s3.age(HELD, lease.SECONDS + 5)
    first.take()
    (claim,) = (name for name in s3.names() if name != HELD)
    first.release()
    for name, text in ((HELD, b"somebody who is gone"), (claim, b"somebody who died")):
        s3.put(name, text)
        s3.age(name, lease.SECONDS + 5)
    assert len(takers(tmp_path)) == 1


def test_who_lives_is_not_taken_for_gone(s3, tmp_path):
    one = machine(tmp_path, "first")
    one.take()
    s3.age(HELD, lease.SECONDS + 5)
    one._look()
    assert takers(tmp_path) == []
    one.check()
    one.release()


def test_who_was_away_for_too_long_writes_no_more(s3, tmp_path):
    one = machine(tmp_path, "first")
    one.take()
    s3.age(HELD, lease.SECONDS + 5)
    (other,) = takers(tmp_path)
    one._last -= lease.SECONDS
    with pytest.raises(IncompleteError, match="the lock of this run was lost"):
        one.check()
    one.release()
    assert s3.content(HELD) == other.text
    other.release()


def test_a_store_that_cannot_decide_is_looked_at(s3, tmp_path):
    body = b"<Error><Code>NotImplemented</Code><Message>no such header</Message></Error>"
    s3.fault(lambda *_: (501, body), method="PUT", ending=LOCK)
    one = machine(tmp_path, "first")
    one.take()
    one.release()
    s3.put(HELD, b"somebody")
    s3.fault(lambda *_: (501, body), method="PUT", ending=LOCK)
    assert not Objects(RUN).create(LOCK, b"me")


def test_an_answer_that_is_lost_makes_no_second_holder(s3):
    s3.fault(s3_server.unavailable, method="PUT", ending=LOCK, times=2)
    assert Objects(RUN).create(LOCK, b"me")
