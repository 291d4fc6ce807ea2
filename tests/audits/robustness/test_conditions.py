"""The cells of a sweep: what patterns, severities, joint and subsets make of them."""

import pytest

from mmaudit.audits.robustness.conditions import conditions
from mmaudit.audits.robustness.patterns import subsets
from mmaudit.errors import UsageError
from mmaudit.names import CLEAN, uncrossed

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
    found = conditions(KINDS, ("text/keyboard",), (1,), subsets=subsets(tuple(KINDS)))
    some = [c for c in found if c.name.startswith("present:")]
    assert len(some) == 2 ** len(KINDS) - 1
    assert some[-1].name == "present:none"
    assert some[-1].present == ()


def test_each_policy_asks_the_subsets_once():
    found = names("text/keyboard", subsets=subsets(tuple(KINDS)), policies=("zeros", "mean"))
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


def test_damage_is_crossed_with_each_other_modality_absent():
    found = conditions(KINDS, ("text/keyboard",), (2,), beside=True, policies=("zeros", "mean"))
    crossed = [c for c in found if c.crossed]
    assert [c.name for c in crossed[:2]] == [
        "text/keyboard:2@words without camera (zeros)",
        "text/keyboard:2@words without left (zeros)",
    ]
    assert len(crossed) == 3 * 2
    for one in crossed:
        gone = one.modality.removeprefix("words,")
        assert one.present == tuple(m for m in KINDS if m != gone)
        damaged, alone = uncrossed(one.name, ",".join(one.present))
        assert damaged == one.crossed == "text/keyboard:2@words"
        assert alone in [c.name for c in found]
    assert not [c for c in found if c.name == "present:camera,left,right (zeros)"]
    assert len({c.name for c in found}) == len(found)


@pytest.mark.parametrize(
    ("kinds", "pattern"), [({"words": "text"}, "text/keyboard"), (KINDS, "missing/mcar")]
)
def test_nothing_to_cross_is_refused(kinds, pattern):
    with pytest.raises(UsageError, match="nothing is absent beside"):
        conditions(kinds, (pattern,), (1,), beside=True)


def test_subsets_that_are_there_already_are_not_asked_twice():
    found = names("text/keyboard", subsets=subsets(tuple(KINDS)), beside=True)
    assert len(set(found)) == len(found)


def test_very_many_subsets_are_refused_with_their_number():
    with pytest.raises(UsageError, match=r"2\^11 = 2,048 subsets") as refused:
        subsets(tuple(f"m{i}" for i in range(11)))
    assert "--patterns own" in str(refused.value)
