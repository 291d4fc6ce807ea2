from pathlib import Path

import pytest

from mmaudit.errors import UsageError
from mmaudit.gate.select import parse
from mmaudit.tables.run import Summary

ROWS = [
    {
        "metric": "accuracy",
        "corruption": "",
        "severity": None,
        "slice": "all",
        "present": "image,text",
    },
    {
        "metric": "accuracy",
        "corruption": "image/fog",
        "severity": 3,
        "slice": "all",
        "present": "image,text",
    },
    {
        "metric": "accuracy",
        "corruption": "image/fog",
        "severity": 3,
        "slice": "digit=7",
        "present": "image",
    },
    {
        "metric": "accuracy_drop",
        "corruption": "image/fog",
        "severity": 5,
        "slice": "all",
        "present": "",
    },
    {
        "metric": "recall@1:image->text",
        "corruption": "",
        "severity": None,
        "slice": "all",
        "present": "image",
    },
]


COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}
TABLE = Summary(Path(), "robustness", tuple(COLUMNS), COLUMNS)


def found(text):
    return [ROWS.index(r) for r in parse(text, slice=None, where="").rows(TABLE)]


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("robustness.accuracy", [0, 1]),
        ("robustness.accuracy{corruption=*}", [1]),
        ("robustness.accuracy{ corruption = image/* , severity = 3 }", [1]),
        ("robustness.accuracy*{severity=*}", [1, 3]),
        ("robustness.accuracy{severity=30}", []),
        ("robustness.accuracy{slice=digit=7}", [2]),
        ("robustness.accuracy{slice=*}", [0, 1, 2]),
        ('robustness.accuracy{present="image,text"}', [0, 1]),
        ("robustness.accuracy_drop{present=''}", [3]),
        ("robustness.recall@1:image->text", [4]),
        ("robustness.Accuracy", []),
    ],
)
def test_a_selector_finds_its_rows_and_no_others(text, which):
    assert found(text) == which


def test_a_hyphen_in_an_audits_name_is_its_folders_underscore():
    assert parse("noisy-pairs.noise_rate", slice=None, where="").audit == "noisy_pairs"


@pytest.mark.parametrize(
    "text",
    ["accuracy", "a.b{c}", "a.b{c=1", "a.b{c=1,,d=2}", "a.b{c=1,c=2}", "a.b c", "", "a.{x=1}"],
)
def test_what_is_not_a_selector_is_refused(text):
    with pytest.raises(UsageError):
        parse(text, slice=None, where="")


def test_two_slices_are_refused():
    assert parse("a.b", slice="x=1", where="").filters == (("slice", "x=1"),)
    with pytest.raises(UsageError, match="two slices"):
        parse("a.b{slice=y}", slice="x", where="")


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="no column 'sevrity'"):
        parse("a.b{sevrity=3}", slice=None, where="").check_columns(ROWS[0], "")
