"""A file that makes the library which reads it end the process is named, by every command."""

import os
import subprocess
import sys
from shutil import copyfile

import pyarrow as pa
import pytest
from pyarrow import parquet

from command import mmaudit
from mmaudit.tables import seal
from run_folders import make

OPTIONAL, REQUIRED = b"\x15\x0c\x25\x02\x18", b"\x15\x0c\x25\x00\x18"  # a text, in a footer
PROBE = """
import sys
from pyarrow import parquet
parquet.read_metadata(sys.argv[1]).row_group(0).column(0)
"""
MANIFEST = """
schema = 1
name = "texts"
[source]
path = "{source}"
id = "id"
[modality.text]
kind = "text"
column = "text"
[target]
column = "label"
kind = "class"
"""
MODEL = """
import numpy as np
class Half:
    modalities, classes = ("text",), ("0", "1")
    def scores(self, batch, present):
        return np.full((len(batch["text"]), 2), 0.5, np.float32)
"""
GATE = """
schema = 1
[[check]]
id = "it"
metric = "robustness.accuracy{condition=clean}"
min = 0.5
"""
SWEEP = ("--corruptions", "text/ocr", "--severities", "3", "--replicates", "20", "--out", "swept")
COMMANDS = [
    ("init", "bad.parquet"),
    ("corrupt", "bad.toml", "copy", "--apply", "text/ocr:1@text"),
    ("robustness", "bad.toml", "--model", "python:model.py:Half", *SWEEP),
    ("robustness", "good.toml", "--model", "predictions:bad.parquet", *SWEEP),
    ("gate", "run", "--config", "gate.toml"),
    ("report", "run", "--form", "terminal"),
    ("diff", "run", "run"),
]


def spoil(path):
    """Have a footer say that values are never null, which its own statistics do not fit."""
    path.write_bytes(path.read_bytes().replace(OPTIONAL, REQUIRED))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("ends")
    rows = {name: [f"{name} {i % 7}" for i in range(40)] for name in ("text", "label")}
    table = pa.table({"id": [f"s{i}" for i in range(40)], **rows})
    parquet.write_table(table, place / "good.parquet")
    copyfile(place / "good.parquet", place / "bad.parquet")
    spoil(place / "bad.parquet")
    probe = [sys.executable, "-c", PROBE, str(place / "bad.parquet")]
    if subprocess.run(probe, capture_output=True, check=False).returncode >= 0:
        pytest.skip("this pyarrow does not end the process by such a file")
    for name in ("good", "bad"):
        (place / f"{name}.toml").write_text(MANIFEST.format(source=f"{name}.parquet"))
    (place / "model.py").write_text(MODEL)
    (place / "gate.toml").write_text(GATE)
    make(place / "run", samples=20)
    bad = place / "run/robustness/samples/00000.parquet"
    spoil(bad)
    bad.write_bytes(bad.read_bytes().replace(seal.digest(bad).encode(), seal.BLANK))
    with bad.open("r+b") as file:  # as whoever can write the directory can seal it again
        seal.close(file)
    return place


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_the_file_that_ends_the_process_of_its_reader_is_named(folder, words):
    done = mmaudit(*words, cwd=folder, supervised=True)
    assert done.returncode == 3, done.stderr
    what, where, _ = done.stderr.splitlines()[-3:]
    assert what.startswith("error: a file could not be read: its reader ended the process by")
    bad = "run/robustness/samples/00000.parquet" if "run" in words else "bad.parquet"
    assert where.removeprefix("where: ") in {bad, os.fspath(folder / bad)}
