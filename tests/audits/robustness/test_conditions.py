"""The cells of a sweep: what patterns, severities, joint and subsets make of them."""

import pytest

from mmaudit.audits.robustness.conditions import conditions
from mmaudit.errors import UsageError
from mmaudit.names import CLEAN

KINDS = {"camera": "image", "words": "text", "left": "vector", "right": "vector"}


def names(*patterns, severities=(1, 5), **kwargs):
    return [c.name for c in conditions(KINDS, patterns, severities, **kwargs)]


def test_clean_comes_first_and_every_modality_of_a_kind_is_touched():
    assert names("vector/dropout", severities=(2,)) == [
        CLEAN,
        "vector/dropout:2@left",
        "vector/dropout:2@right",
    ]


def test_everything_means_what_fits_the_kinds_and_no_plan():
    found = names("*/*")
    assert "image/brightness:5@camera" in found
    assert not [n for n in found if n.startswith(("audio/", "missing/", "pairing/", "label/"))]
    assert len(found) == len(set(found))


def test_a_subset_has_a_name():
    assert len(names("common", severities=(1,))) == 1 + 15


def test_plans_are_asked_for_by_their_folder():
    assert names("missing/mcar") == [CLEAN, "missing/mcar:1", "missing/mcar:5"]
    assert "pairing/shuffle:1@words" in names("pairing/*")


def test_joint_goes_through_the_lists_together():
    found = conditions(
        {"camera": "image", "words": "text"},
        ("image/brightness", "image/motion_blur", "text/keyboard"),
        (3,),
        joint=True,
    )
    joint = [c for c in found if len(c.changes) == 2]
    assert [c.name for c in joint] == [
        "image/brightness+text/keyboard:3@camera,words",
        "image/motion_blur+text/keyboard:3@camera,words",
    ]


def test_subsets_are_all_that_are_not_whole():
    found = conditions(KINDS, ("text/keyboard",), (1,), subsets=True)
    subsets = [c for c in found if c.name.startswith("present:")]
    assert len(subsets) == 2 ** len(KINDS) - 1
    assert subsets[-1].name == "present:none"
    assert subsets[-1].present == ()


def test_each_policy_asks_the_subsets_once():
    found = names("text/keyboard", subsets=True, policies=("zeros", "mean"))
    assert sum(n.startswith("present:camera (") for n in found) == 2


@pytest.mark.parametrize("pattern", ["audio/*", "nothing/*", "label/*", "image/no_such"])
def test_a_pattern_that_fits_nothing_is_refused(pattern):
    with pytest.raises(UsageError):
        names(pattern)


def test_joint_of_one_modality_is_refused():
    """It would be the same conditions again, under the same names."""
    with pytest.raises(UsageError, match="only words is corrupted"):
        names("text/keyboard", joint=True)


def test_several_policies_without_subsets_are_refused():
    with pytest.raises(UsageError, match="zeros, mean"):
        names("text/keyboard", policies=("zeros", "mean"))
