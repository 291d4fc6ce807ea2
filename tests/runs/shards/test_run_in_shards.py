"""All that an audit.toml asks for is done in shards, and gated when they are joined."""

from pathlib import Path

import pytest

import sharded
from command import mmaudit

CONFIG = """schema = 1
dataset = "dataset.toml"
model = "python:model.py:make"
[robustness]
corruptions = ["vector/dropout"]
absent = ["zeros"]
replicates = 20
[contributions]
absent = ["zeros"]
replicates = 20
[[check]]
id = "clean"
metric = "robustness.accuracy{condition=clean}"
min = 0.9999
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    sharded.write(tmp_path)
    (tmp_path / "audit.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)


def test_what_a_file_asks_for_is_done_in_shards_and_gated_after(place):
    whole = mmaudit("run", "audit.toml", "--out", "whole", "--trust")
    assert whole.returncode == 1, whole
    for i in (1, 2):
        done = mmaudit("run", "audit.toml", "--out", f"part-{i}", "--trust", "--shard", f"{i}/2")
        assert done.returncode == 0, done
        assert f"part {i}/2: " in done.stdout
        assert done.stdout.count("mmaudit merge RUN") == 2  # of each audit
        assert not Path(f"part-{i}/report.html").exists()
    joined = mmaudit("merge", "joined", "part-1", "part-2", "--trust")
    assert joined.returncode == 0, joined
    tables = [f"{audit}/summary.parquet" for audit in ("robustness", "contributions")]
    for name in (*tables, "audit.toml", "skipped.parquet"):
        assert Path("joined", name).read_bytes() == Path("whole", name).read_bytes()
    gate = mmaudit("gate", "joined")
    assert gate.returncode == 1, gate
    lines = [[w for w in done.stdout.splitlines() if "clean" in w] for done in (whole, gate)]
    assert lines[0][0] == lines[1][0]


@pytest.mark.parametrize(
    ("words", "text", "why"),
    [
        (["--shard", "1/2", "--until-decided"], CONFIG, "no shard can ask alone"),
        (["--shard", "3/2"], CONFIG, "is no shard"),
        ([], CONFIG.replace("[contributions]", 'shard = "1/2"\n[contributions]'), "is of a job"),
    ],
)
def test_what_no_shard_can_do_is_refused_before_anything_is_written(place, words, text, why):
    Path("audit.toml").write_text(text)
    done = mmaudit("run", "audit.toml", "--out", "out", "--trust", *words)
    assert done.returncode == 2
    assert why in done.stderr
    assert not Path("out").exists() or not list(Path("out").rglob("*.parquet"))


def test_a_search_for_breaking_points_is_refused_in_shards(place):
    words = ("robustness", "dataset.toml", "--model", "python:model.py:make", "--out", "out")
    done = mmaudit(*words, "--breaking-point", "drop:0.1", "--shard", "1/2")
    assert done.returncode == 2, done
    assert "no shard can ask alone" in done.stderr
