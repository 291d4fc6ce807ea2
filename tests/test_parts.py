"""A part's path is its name; unknown names are refused with the close ones."""

import pytest

from mmaudit import parts
from mmaudit.errors import MMAuditError, UsageError

KINDS = ["corruptions", "audits", "models/adapters", "manifest/readers", "cli/commands"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_says_what_it_is_and_can_be_loaded(kind):
    assert parts.names(kind)
    for name in parts.names(kind):
        assert parts.summary(kind, name).endswith("."), name
        assert parts.load(kind, name).__doc__.startswith(parts.summary(kind, name))


def test_unknown_names_are_refused_with_close_ones():
    with pytest.raises(UsageError) as refusal:
        parts.load("corruptions", "image/gausian_noise")
    assert "image/gaussian_noise" in refusal.value.fix


def test_a_pattern_that_matches_nothing_is_refused():
    with pytest.raises(UsageError):
        parts.match("corruptions", ("image/*", "smell/*"))


def test_contracts_and_private_modules_are_not_parts():
    assert not [n for n in parts.names("audits") if "base" in n or n.startswith("_")]


def test_refusals_travel_between_processes():
    import pickle

    error = UsageError("what", where="here", fix="that")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, MMAuditError)
    assert str(again) == str(error) == "error: what\nwhere: here\ntry: that"
