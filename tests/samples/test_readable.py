"""Where nothing of a modality can be used, the refusal says why, in every command."""

import json

import numpy as np
import pytest

from command import mmaudit
from mmaudit.kinds.image import encode

MODEL = """
import numpy as np
class Model:
    modalities, classes, output = ("image", "text"), ("a", "b"), "probabilities"
    def scores(self, batch, present):
        return np.full((len(batch["image"]), 2), 0.5, np.float32)
def make():
    return Model()
"""
COMMANDS = (
    ("corrupt", "d.toml", "out", "--apply", "image/fog:1"),
    ("robustness", "d.toml", "--model", "python:model.py:make", "--out", "run"),
    ("contributions", "d.toml", "--model", "python:model.py:make", "--out", "run"),
    ("noisy-pairs", "d.toml", "--out", "run"),
)


def write(folder, *, pictures):
    rows = [f"{i}.png,a few plain words of row {i},{'ab'[i % 2]}" for i in range(8)]
    (folder / "rows.csv").write_text("\n".join(["file_name,caption,label", *rows]) + "\n")
    (folder / "model.py").write_text(MODEL)
    assert mmaudit("init", "rows.csv", "-o", "d.toml", cwd=folder).returncode == 0
    for i in range(pictures):
        (folder / f"{i}.png").write_bytes(encode(np.full((8, 8, 3), 9, np.uint8)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_the_reason_is_told(command, tmp_path):
    write(tmp_path, pictures=0)
    done = mmaudit(*command, cwd=tmp_path)
    assert done.returncode == 3
    why = "0.png: cannot be read: No such file or directory (8 times)"
    assert f"none of the 8 values of modality.image can be used: {why}" in done.stderr


def test_one_that_can_be_used_is_enough(tmp_path):
    write(tmp_path, pictures=1)
    done = mmaudit(*COMMANDS[0], "--max-skipped", "7", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_an_audit_says_what_it_opened_and_notes_it(tmp_path):
    write(tmp_path, pictures=8)
    words = ("--corruptions", "image/fog", "--severities", "1", "--absent", "zeros")
    done = mmaudit(*COMMANDS[1], *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    line = "rows.csv: 1 file, 8 rows, 8 used"
    assert line in done.stderr.splitlines()
    noted = json.loads((tmp_path / "run" / "run.json").read_text())
    assert line in noted["audits"]["robustness"]["says"]
