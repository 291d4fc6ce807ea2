"""An audit.toml is read strictly, and does audits, report and gate in order."""

import pytest

from mmaudit.errors import InputError, UsageError
from mmaudit.runs.config import read

GOOD = """
schema = 1
dataset = "data/dataset.toml"
model = "python:model.py:factory"
[robustness]
severities = [1, 2]
[[check]]
id = "a"
metric = "robustness.accuracy{condition=clean}"
min = 0.5
"""


def write(folder, text):
    path = folder / "audit.toml"
    path.write_text(text)
    return path


def test_paths_are_those_beside_the_config(tmp_path):
    (tmp_path / "model.py").write_text("")
    asked = read(write(tmp_path, GOOD))
    assert asked.dataset == str(tmp_path / "data/dataset.toml")
    assert asked.model == f"python:{tmp_path / 'model.py'}:factory"
    assert asked.audits["robustness"].severities == (1, 2)
    assert [c.id for c in asked.gate.checks] == ["a"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("severities", "severites"), "severities"),
        (("[robustness]", "[robustnes]"), "robustness"),
        (("schema = 1", "schema = 2"), "schema = 1"),
        (("dataset =", "data ="), "dataset"),
        (("schema = 1", "schema = = 1"), "line"),
        (("[1, 2]", '"many"'), "severities"),
    ],
)
def test_mistakes_are_refused_with_what_to_try(tmp_path, change, says):
    with pytest.raises(UsageError) as refusal:
        read(write(tmp_path, GOOD.replace(*change)))
    assert says in str(refusal.value)
    assert "audit.toml" in refusal.value.where


def test_a_config_without_an_audit_or_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no audit"):
        read(write(tmp_path, 'schema = 1\ndataset = "d"\n'))
    with pytest.raises(InputError):
        read(tmp_path / "absent.toml")
