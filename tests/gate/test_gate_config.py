from datetime import date

import pytest

from mmaudit.errors import InputError, UsageError
from mmaudit.gate import config

GOOD = {"id": "a", "metric": "robustness.accuracy", "min": 0.5}


def one(**more):
    return config.build({"check": [GOOD | more]}, "gate.toml").checks[0]


def test_defaults_are_taken_and_overridden():
    told = {
        "defaults": {"level": "warn", "min_n": 50},
        "check": [GOOD, GOOD | {"id": "b", "level": "info"}],
    }
    a, b = config.build(told, "gate.toml").checks
    assert (a.level, a.min_n, b.level, b.min_n) == ("warn", 50, "info", 50)


def test_a_percentage_is_a_share():
    assert one(max_drop_rel="5%").limits == (("min", 0.5), ("max_drop_rel", 0.05))
    assert one(max_drop_rel=0.05).limits == (("min", 0.5), ("max_drop_rel", 0.05))


def test_a_check_without_a_name_is_called_by_what_it_asks():
    told = {key: value for key, value in GOOD.items() if key != "id"}
    assert config.build({"check": [told]}, "").checks[0].id == "robustness.accuracy min 0.5"


@pytest.mark.parametrize(
    "more",
    [
        {"mx": 1},
        {"level": "fatal"},
        {"min": "0.5"},
        {"min": True},
        {"min": float("nan")},
        {"max": float("inf")},
        {"max_drop": "5%"},
        {"max_drop_rel": "5"},
        {"min_n": 0},
        {"min_n": 1.5},
        {"min_n": True},
        {"paired": "yes"},
        {"until": "2027-01-01"},
        {"confidence": 1.0},
        {"confidence": 95},
        {"metric": 3},
        {"id": ""},
        {"slice": 1},
        {"missing": "skip"},
        {"fail_when": "maybe"},
        {"aggregate": "median"},
        {"against": "yesterday"},
    ],
)
def test_what_means_nothing_is_refused_and_says_where(more):
    with pytest.raises(UsageError) as refusal:
        one(**more)
    assert "check 1" in refusal.value.where
    assert refusal.value.fix


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"check": []},
        {"check": [GOOD], "schema": 2},
        {"check": [GOOD], "cheks": []},
        {"check": [GOOD, GOOD]},
        {"check": [{"metric": "a.b"}]},
        {"check": [GOOD], "defaults": {"min": 1}},
    ],
)
def test_a_file_that_asks_nothing_or_says_what_is_unknown_is_refused(told):
    with pytest.raises(UsageError):
        config.build(told, "gate.toml")


def test_the_gate_part_of_an_audit_file_is_read():
    told = {"dataset": "d.toml", "model": "m", "audit": {"robustness": {}}, "check": [GOOD]}
    assert len(config.build(told, "audit.toml").checks) == 1


def test_files(tmp_path):
    path = tmp_path / "gate.toml"
    with pytest.raises(InputError):
        config.read(path)
    with pytest.raises(InputError, match="cannot read"):
        config.read(tmp_path)
    path.write_text("[[check]\n")
    with pytest.raises(UsageError, match="not TOML"):
        config.read(path)
    path.write_text('[[check]]\nmetric = "a.b"\nmax = 1\nuntil = 2027-01-31\n')
    assert config.read(config.beside(tmp_path)).checks[0].until == date(2027, 1, 31)
    with pytest.raises(UsageError):
        config.beside(tmp_path / "empty")
