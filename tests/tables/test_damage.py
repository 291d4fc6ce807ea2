"""What is read is what was written: a flipped bit, a lost or an exchanged table is refused."""

import json
import random
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
from mmaudit.engines.base import begin
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.gate import config as gates
from mmaudit.gate.diff.diff import diff
from mmaudit.gate.judge import judge
from mmaudit.gate.outputs import document
from mmaudit.gate.suggestion.suggest import suggest
from mmaudit.report import read as report
from mmaudit.rows import Estimate
from mmaudit.runs.filter import flagged
from mmaudit.runs.gate import suggested
from mmaudit.tables import run as runs
from mmaudit.tables import seal, store, verdict
from mmaudit.tables.answers import answers
from mmaudit.tables.arrow import to_table
from mmaudit.tables.log import note
from mmaudit.tables.verdict import VERDICT
from run_folders import MADE, Row, make, noisy, of_sweep, row, wide

FLIPS = 400  # of each file
CHECK = {"id": "c", "metric": "robustness.accuracy{condition=clean}", "min": 0.5}
CONFIG = gates.build({"schema": 1, "check": [CHECK]}, "gate.toml")
PART = "samples/00000.parquet"


ROWS = """
schema = 1
name = "rows"
[source]
path = "rows.csv"
id = "id"
[modality.x]
kind = "vector"
columns = ["x0", "x1"]
[modality.z]
kind = "vector"
columns = ["z0", "z1"]
[target]
column = "y"
kind = "class"
"""


class Flat:
    """Says the same of all."""

    modalities, classes, accepts_missing = ("x", "z"), ("a", "b"), True

    def scores(self, batch, present):
        return np.full((len(batch["x"]), 2), 0.5, np.float32)


@pytest.fixture
def run(tmp_path):
    make(tmp_path / "run", samples=60)
    note(tmp_path / "run", "robustness", {"max_skipped": 0})
    return tmp_path / "run"


def flips(path, seed):
    """Each of some bits of a file turned in its turn; the file is whole again in the end."""
    content = path.read_bytes()
    bits = random.Random(seed).sample(range(8 * len(content)), FLIPS)
    for bit in [*bits, 0, 8 * len(content) - 1]:
        broken = bytearray(content)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(broken)
        yield bit
    path.write_bytes(content)


def test_a_flipped_bit_of_a_summary_is_never_a_verdict(run):
    for bit in flips(run / "robustness/summary.parquet", 1):
        with pytest.raises(InputError, match="the table is damaged"):
            pytest.fail(f"bit {bit}: {judge(run, CONFIG)}")
    assert judge(run, CONFIG).exit_code == 0


def test_a_flipped_bit_of_the_samples_is_never_an_answer(run):
    for bit in flips(run / "robustness" / PART, 2):
        with pytest.raises(InputError, match="the table is damaged"):
            pytest.fail(f"bit {bit}: {answers(run / 'robustness/samples', 'clean')}")
    assert answers(run / "robustness/samples", "clean").num_rows == 60


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"PAR1" * 9])
@pytest.mark.parametrize("name", ["summary.parquet", PART])
def test_every_reader_refuses_what_is_cut(run, name, damage):
    make(other := run.parent / "other")
    (run / "robustness" / name).write_bytes(damage)
    for read in (lambda: judge(run, CONFIG), lambda: report.read(run), lambda: diff(run, other)):
        with pytest.raises(InputError, match="the table is damaged"):
            read()


def test_pages_have_checksums_that_other_programs_read(run):
    path = run / "robustness/summary.parquet"
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"CRC|page|decompress|Thrift|thrift"):
        parquet.ParquetFile(path, page_checksum_verification=True).read()
    assert store.read(run / "robustness" / PART).num_rows


def test_a_table_can_be_moved_and_read_by_others(run, tmp_path):
    path = shutil.copy(run / "robustness/summary.parquet", tmp_path / "alone.parquet")
    assert parquet.read_table(path).equals(store.read(path))
    assert b"sha256" not in b"".join(store.metadata(path))


def test_an_exchanged_or_lost_table_is_refused(run):
    make(other := run.parent / "other", samples=60, half=0.03)
    summary = run / "robustness/summary.parquet"
    shutil.copy(other / "robustness/summary.parquet", summary)
    with pytest.raises(InputError, match="the table is damaged"):
        judge(run, CONFIG)
    note(run, "robustness", {})
    assert judge(run, CONFIG).exit_code == 0
    (run / "robustness" / PART).unlink()
    with pytest.raises(InputError, match="a table of this run is not there"):
        judge(run, CONFIG)
    shutil.rmtree(run / "robustness/samples")  # all of them may go
    assert judge(run, CONFIG).exit_code == 0


def test_no_command_passes_over_damage_in_a_table_that_it_does_not_read(run, monkeypatch):
    """Each reads a part of a run: all of it is looked through when it is opened."""
    monkeypatch.chdir(run.parent)
    noisy(run)
    note(run, "noisy_pairs", {})
    other = make(run.parent / "other", samples=60)
    check = CHECK | {"against": "baseline", "max_drop": 0.1, "min": None}
    lines = [f"{k} = {json.dumps(v)}" for k, v in check.items() if v is not None]
    (run.parent / "gate.toml").write_text("\n".join(["schema = 1", "[[check]]", *lines]))
    calls = {
        "gate": lambda: judge(run, CONFIG),
        "gate --suggest": lambda: suggested(run, None),
        "gate --baseline": lambda: mm.gate(other, "gate.toml", baseline=run),
        "report": lambda: mm.report(run),
        "diff": lambda: mm.diff(other, run),
        "history": lambda: mm.history([other, run]),
        "baseline": lambda: mm.baseline("set", "main", run),
        "filtered": lambda: flagged(run),
    }
    for path in [*run.rglob("*.parquet")]:
        content = path.read_bytes()
        broken = bytearray(content)
        broken[len(broken) // 3] ^= 4
        path.write_bytes(broken)
        for name, call in calls.items():
            with pytest.raises(InputError, match="the table is damaged"):
                pytest.fail(f"{name}, {path}: {call()}")
        path.write_bytes(content)
    assert judge(run, CONFIG).exit_code == 0


def test_the_table_of_what_was_skipped_and_lists_of_ids_are_of_the_run_too(run):
    table = pa.table({name: ["a"] for name in ("id", "modality", "reason")})
    store.write(table.replace_schema_metadata(MADE.metadata()), run / "skipped.parquet")
    (run / "robustness" / "list.txt").write_text("a")
    note(run, "robustness", {})
    assert judge(run, CONFIG).exit_code == 0
    (run / "robustness" / "list.txt").write_text("b")
    with pytest.raises(InputError, match="a file of this run is not what was written"):
        judge(run, CONFIG)
    (run / "robustness" / "list.txt").unlink()  # as whoever moves it elsewhere does
    assert judge(run, CONFIG).exit_code == 0
    (run / "skipped.parquet").unlink()
    with pytest.raises(InputError, match="a table of this run is not there"):
        judge(run, CONFIG)


def test_a_damaged_table_of_what_was_skipped_is_made_again_by_resume(tmp_path):
    """From the answers of all audits of the run; where those of one are away, that is said."""
    lines = ["id,x0,x1,z0,z1,y"] + [
        f"s{i},{i},{'bad' if i == 3 else 2},1,{i},{'ab'[i % 2]}" for i in range(40)
    ]
    (tmp_path / "rows.csv").write_text("\n".join(lines))
    (tmp_path / "dataset.toml").write_text(ROWS)
    asked = {"out": tmp_path / "run", "max_skipped": 1, "replicates": 20, "quiet": True}
    audits = (
        lambda **more: mm.robustness(tmp_path / "dataset.toml", Flat(), **asked, **more),
        lambda **more: mm.contributions(tmp_path / "dataset.toml", Flat(), **asked, **more),
    )
    for audit in audits:
        audit()
    path = tmp_path / "run/skipped.parquet"
    whole = store.read(path)
    assert whole.num_rows == 1
    path.write_bytes(path.read_bytes()[:-9])
    audits[0](resume=True)
    assert store.read(path).equals(whole)
    path.write_bytes(path.read_bytes()[:-9])
    shutil.rmtree(tmp_path / "run/robustness/samples")
    with pytest.raises(InputError, match="the answers of robustness are not there") as refused:
        audits[1](resume=True)
    assert "remove" in refused.value.fix


@pytest.mark.parametrize(
    "number",
    [Estimate(0.9, 0.91, 0.95, 10), Estimate(0.9, 0.5, 0.8, 10), Estimate(1.2, 1, 1.4, 10)],
)
def test_numbers_that_cannot_be_are_refused(tmp_path, number):
    make(tmp_path, rows=[row("accuracy", wide(0.5, 0.1)), row("accuracy", number, "blur")])
    with pytest.raises(InputError, match=r"accuracy cannot be"):
        runs.read(tmp_path, "robustness")


def test_a_run_of_another_schema_is_refused_by_all(tmp_path):
    make(tmp_path / "a", made=replace(MADE, schema_version=99))
    make(tmp_path / "b")
    for read in (
        lambda: judge(tmp_path / "a", CONFIG),
        lambda: suggest(tmp_path / "a"),
        lambda: report.read(tmp_path / "a"),
        lambda: diff(tmp_path / "a", tmp_path / "b"),
    ):
        with pytest.raises(InputError, match="another version of mmaudit wrote this table"):
            read()


@pytest.mark.parametrize("other", [False, True])
def test_an_unfinished_run_has_no_answer(tmp_path, other):
    """Be it the only audit of the run, or one of which another has finished."""
    if other:
        rows = [row("noise_rate", wide(0.1, 0.02))]
        table = to_table(rows, Row, MADE, of_sweep(rows))
        store.write(table, tmp_path / "noisy_pairs/summary.parquet")
    (tmp_path / "robustness").mkdir()
    (tmp_path / "robustness/plan.json").write_text("{}")
    with pytest.raises(IncompleteError, match="robustness has not finished"):
        judge(tmp_path, CONFIG)
    if not other:
        for read in (report.read, suggest):
            with pytest.raises(IncompleteError, match="has not finished"):
                read(tmp_path)


def test_what_is_no_run_is_none_of_an_audit(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "file"):
        (tmp_path / "file").write_text("")
        for read in (suggest, report.read, lambda p: judge(p, CONFIG)):
            with pytest.raises(InputError, match="no such run directory"):
                read(path)


def test_a_seal_is_looked_at_again_when_a_file_changes(run):
    path = run / "robustness/summary.parquet"
    assert seal.unbroken(path)
    path.write_bytes(path.read_bytes() + b" ")
    assert not seal.unbroken(path)


def judged(run):
    document.write(judge(run, CONFIG), run / VERDICT)
    return run / VERDICT


def test_a_flipped_bit_of_a_verdict_is_never_on_a_page(run):
    path = judged(run)
    assert verdict.read(run)["outcome"] == "pass"
    said = json.loads(path.read_text())
    for _ in flips(path, 3):
        try:
            content = json.loads(path.read_bytes())
        except ValueError:
            continue  # not JSON: refused by everyone
        if content != said:
            with pytest.raises(InputError, match=r"the verdict is damaged|not a verdict"):
                verdict.read(run)


@pytest.mark.parametrize("change", [{"outcome": "fail"}, {"sha256": None}, {"summaries": {}}])
def test_a_verdict_that_says_something_else_is_refused(run, change):
    path = judged(run)
    content = json.loads(path.read_text()) | change
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not None}))
    for read in (report.read, verdict.read, mm.history):
        with pytest.raises(InputError, match="the verdict is damaged"):
            read(run)


def test_a_verdict_of_another_run_is_refused(run):
    other = make(run.parent / "other", half=0.03)
    shutil.copy(judged(other), run / VERDICT)
    with pytest.raises(InputError, match="of another table than robustness/summary"):
        report.read(run)


def test_a_plan_that_was_changed_is_refused(tmp_path):
    begin(tmp_path, {"seed": 1, "units": 3}, resume=False)
    begin(tmp_path, {"seed": 1, "units": 3}, resume=True)
    with pytest.raises(UsageError, match="another one: seed changed"):
        begin(tmp_path, {"seed": 2, "units": 3}, resume=True)
    plan = tmp_path / "plan.json"
    plan.write_text(plan.read_text().replace('"seed": 1', '"seed": 2'))
    for seed in (1, 2):
        with pytest.raises(InputError, match="the plan of the run is damaged"):
            begin(tmp_path, {"seed": seed, "units": 3}, resume=True)


def test_bytes_turned_in_a_summary_are_refused_by_the_real_command(run):
    """Bytes 3000 to 3399, turned, once gave PASS."""
    rows = [
        row("accuracy", wide(0.5 + k / 10_000, 0.02), f"image/fog:{k}@image", "image/fog", k % 6)
        for k in range(2000)
    ]
    rows.append(row("accuracy", wide(0.9, 0.01)))
    shutil.rmtree(run / "robustness/samples")  # they are not of these rows
    make(run, rows=rows, run=False)
    note(run, "robustness", {"max_skipped": 0})
    path = run / "robustness/summary.parquet"
    (run / "gate.toml").write_text(
        'schema = 1\n[[check]]\nid = "c"\nmetric = "robustness.accuracy{condition=clean}"\nmin = 0.5\n'
    )
    command = [sys.executable, "-m", "mmaudit", "gate", str(run), "--config", run / "gate.toml"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    content = bytearray(path.read_bytes())
    assert len(content) > 8000
    content[3000:3400] = bytes(255 - byte for byte in content[3000:3400])
    path.write_bytes(content)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout
    assert "the table is damaged" in done.stderr
