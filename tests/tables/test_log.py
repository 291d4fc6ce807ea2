"""A run says of itself what it did, and a changed word of that is refused."""

import json

import pytest

from mmaudit.errors import InputError
from mmaudit.tables import log
from run_folders import make


def test_notes_add_up_and_are_read_back(tmp_path):
    make(tmp_path, run=False, samples=20)
    assert log.read(tmp_path) == {}
    log.note(tmp_path, "robustness", {"max_skipped": 0, "says": ("one", "two")})
    log.note(tmp_path, "noisy_pairs", {"max_skipped": 3})
    audits = log.read(tmp_path)["audits"]
    assert audits["robustness"]["says"] == ["one", "two"]
    names = {"summary.parquet", "samples/00000.parquet", "samples/00001.parquet"}
    assert audits["robustness"]["tables"].keys() == names
    assert audits["noisy_pairs"] == {"max_skipped": 3, "tables": {}}


@pytest.mark.parametrize("lost", [False, True])
def test_a_changed_word_is_refused(tmp_path, lost):
    make(tmp_path, run=False)
    log.note(tmp_path, "robustness", {"max_skipped": 0})
    content = json.loads((tmp_path / "run.json").read_text())
    if lost:
        del content["sha256"]
    content["audits"]["robustness"]["max_skipped"] = 8
    (tmp_path / "run.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="it was changed"):
        log.read(tmp_path)
