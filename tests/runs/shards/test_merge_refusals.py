"""Parts that are not all of one job are refused with words that help, and no part is ever changed."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

import mmaudit as mm
import sharded
from command import mmaudit
from mmaudit.audits.robustness.options import Options
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.models.access import PERSON
from mmaudit.runs.export import export_conditions
from mmaudit.runs.run import audit
from mmaudit.runs.shards.merge import merge
from mmaudit.tables.shards import JobShard

MODEL = "python:model.py:make"


def part(shard, out, **more):
    options = {"corruptions": ("vector/dropout",), "absent": ("zeros",), "replicates": 20} | more
    return audit(
        "robustness",
        "dataset.toml",
        MODEL,
        Options(shard=shard, **options),
        out=out,
        named_by=PERSON,
        quiet=True,
        unit_rows=16,
    )


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    sharded.write(folder)
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        for i in (1, 2):
            part(f"{i}/2", f"part-{i}")
    return folder


@pytest.fixture
def place(parts, tmp_path, monkeypatch):
    """A folder with the parts in it, that a test may change."""
    shutil.copytree(parts, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(kind, *folders, **more):
    with pytest.raises(kind) as refusal:
        merge("run", folders, trust=True, quiet=True, **more)
    assert not Path("run").exists()
    return refusal.value


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "1/0", "a/b", "-1/4", "1/4 ", "²/4", ""])
def test_what_is_no_shard_is_refused(text, place):
    with pytest.raises(UsageError, match="numbered from 1"):
        part(text, "new")
    assert not Path("new").exists()


def test_shards_are_all_units_once():
    for count in (1, 2, 3, 7):
        shares = [JobShard(1, count).all[i].share(range(5)) for i in range(count)]
        assert sorted(unit for share in shares for unit in share) == [*range(5)]


def test_a_missing_part_is_named_with_the_command_that_makes_it(place):
    error = refused(IncompleteError, "part-2")
    assert (error.exit_code, error.what) == (5, "1 part of 2 of robustness is not there: 1/2")
    done = mmaudit(*error.fix.replace("PART-1", "again").split()[1:])
    assert done.returncode == 0, done.stderr
    assert "part 1/2: 1 unit of 1" in done.stdout  # units of their usual size


def test_a_part_that_is_not_finished_is_named_and_its_command_finishes_it(place):
    gone = Path("part-1/robustness/samples/000002.parquet")
    whole = gone.read_bytes()
    gone.unlink()
    error = refused(IncompleteError, "part-1", "part-2")
    assert error.what == "part 1/2 is not finished: 1 of 2 units is not there"
    assert error.fix.split()[:4] == ["mmaudit", "robustness", "dataset.toml", "--model"]
    assert error.fix.endswith("--replicates 20 --shard 1/2 --resume")
    part("1/2", "part-1", resume=True)
    assert gone.read_bytes() == whole


def test_a_damaged_unit_is_refused_and_the_command_makes_it_again(place):
    damaged = Path("part-2/robustness/samples/000001.parquet")
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    error = refused(InputError, "part-1", "part-2")
    assert (error.exit_code, error.where) == (3, str(damaged))
    assert "--shard 2/2 --resume" in error.fix
    part("2/2", "part-2", resume=True)
    assert damaged.read_bytes() == whole


def test_a_changed_plan_is_refused(place):
    plan = Path("part-1/robustness/plan.json")
    plan.write_text(plan.read_text().replace('"seed": 0', '"seed": 1'))
    assert "was changed" in refused(InputError, "part-1", "part-2").what


def test_parts_that_do_not_belong_together_are_refused(place):
    shutil.copytree("part-1", "copy")
    assert "both part 1/2 of robustness" in refused(UsageError, "part-1", "part-2", "copy").what
    part("3/3", "third")
    assert "part 3/3" in refused(UsageError, "part-1", "third").what
    part("2/2", "other", seed=5, severities=(1,))
    what = refused(UsageError, "part-1", "other").what
    assert "options: severities changed, [1, 3, 5] in part-1 and [1] in other" in what
    assert "seed changed, 0 in part-1 and 5 in other" in what


def test_what_is_no_part_is_refused(place):
    assert "no such part" in refused(InputError, "part-1", "part-9").what
    Path("empty").mkdir()
    assert "nothing has begun" in refused(InputError, "part-1", "empty").what
    part(None, "whole")
    assert "a run of all units" in refused(UsageError, "whole").what
    assert "no parts" in refused(UsageError).what
    with pytest.raises(UsageError, match="one of the parts"):
        merge("part-1", ["part-1", "part-2"], trust=True, quiet=True)


def test_other_data_and_another_model_are_refused(place):
    sharded.write(place / "moved", seed=1)
    error = refused(UsageError, "part-1", "part-2", dataset="moved/dataset.toml")
    assert "digests: data changed" in error.what
    Path("moved/model.py").write_text(sharded.MODEL.replace("0.75", "0.8"))
    error = refused(UsageError, "part-1", "part-2", model="python:moved/model.py:make")
    assert "digests: model changed" in error.what


def test_data_and_model_may_have_moved(place):
    first = merge("run", ["part-1", "part-2"], trust=True, quiet=True).path
    Path("moved").mkdir()
    for name in ("dataset.toml", "rows.parquet", "model.py"):
        Path(name).rename(Path("moved", name))
    with pytest.raises(InputError):
        merge("second", ["part-1", "part-2"], trust=True, quiet=True)
    where = {"dataset": "moved/dataset.toml", "model": "python:moved/model.py:make"}
    second = merge("second", ["part-1", "part-2"], quiet=True, **where).path
    but = {"run.json"}
    assert sharded.contents(first, but) == sharded.contents(second, but)


def test_a_model_that_a_part_names_needs_trust(place):
    with pytest.raises(UsageError) as refusal:
        merge("run", ["part-1", "part-2"], quiet=True)
    assert refusal.value.where == f"part-1/robustness: {MODEL}"
    assert not Path("run").exists()


def test_objects_are_given_again(place):
    class Half:
        modalities, classes, accepts_missing = ("x", "z"), ("no", "yes"), False

        def scores(self, batch, present):
            return [[1 - v[0] / 2, v[0] / 2] for v in batch["x"]]

    for i in (1, 2):
        options = {"corruptions": ("vector/dropout",), "absent": ("zeros",), "replicates": 20}
        mm.robustness(
            mm.load("dataset.toml"), Half(), out=f"p{i}", shard=f"{i}/2", quiet=True, **options
        )
    assert refused(UsageError, "p1", "p2").fix == "say it: model=…"
    assert len(mm.merge("run", ["p1", "p2"], model=Half(), quiet=True)["robustness/summary"])


def test_other_commands_refuse_a_part(place):
    for words in (["report", "part-1"], ["gate", "part-1"], ["diff", "part-1", "part-2"]):
        done = mmaudit(*words)
        assert done.returncode == 5
        assert "this is part 1/2 of what robustness does" in done.stderr
        assert "try: mmaudit merge RUN PART" in done.stderr


def test_a_shard_needs_a_folder_and_has_no_other_one_to_write(place):
    with pytest.raises(UsageError, match="a folder of its own"):
        part("1/2", None)
    with pytest.raises(UsageError, match="every condition whole"):
        export_conditions("dataset.toml", "out", Options(shard="1/2"), quiet=True)
    words = ("inspect", "dataset.toml", "--out", "p", "--shard", "1/2", "--filtered", "clean")
    done = mmaudit(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "a shard has no answer" in done.stderr
    assert not Path("p").exists()


def test_a_part_is_not_gone_on_with_as_another_shard(place):
    with pytest.raises(UsageError, match='shard changed, "1/2" before and "2/2" now'):
        part("2/2", "part-1", resume=True)
    with pytest.raises(UsageError, match="shard changed"):
        part(None, "part-1", resume=True)


def test_merging_again_changes_nothing_and_finishes_what_was_killed(place):
    run = merge("run", ["part-1", "part-2"], trust=True, quiet=True).path
    whole = sharded.contents(run, {"run.json"})
    for path in ("robustness/summary.parquet", "robustness/samples/000003.parquet"):
        (run / path).unlink()
    (run / "robustness/samples/.000003.parquet.half").write_bytes(b"half")
    merge("run", ["part-1", "part-2"], trust=True, quiet=True)
    merge("run", ["part-1", "part-2"], trust=True, quiet=True)
    assert sharded.contents(run, {"run.json"}) == whole


KILLED = """
import os, signal
from mmaudit import files
from mmaudit.runs.shards.merge import merge
own, links = files.link, []
def link(source, path):
    links.append(path)
    if len(links) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    own(source, path)
files.link = link
merge("run", ["part-1", "part-2"], trust=True, quiet=True)
"""


def test_a_merge_that_was_killed_is_done_again(place):
    done = subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len([*Path("run/robustness/samples").iterdir()]) == 2
    killed = merge("run", ["part-1", "part-2"], trust=True, quiet=True).path
    whole = merge("whole", ["part-1", "part-2"], trust=True, quiet=True).path
    but = {"run.json"}
    assert sharded.contents(killed, but) == sharded.contents(whole, but)


def test_units_are_copied_where_a_file_has_one_name(place, monkeypatch):
    def refuse(self, target):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    run = merge("run", ["part-1", "part-2"], trust=True, quiet=True).path
    unit = run / "robustness/samples/000000.parquet"
    assert unit.read_bytes() == Path("part-1/robustness/samples/000000.parquet").read_bytes()
    assert unit.stat().st_nlink == 1


def test_two_audits_are_merged_together_and_as_json(place):
    for i in (1, 2):
        words = ("inspect", "dataset.toml", "--out", f"part-{i}", "--shard", f"{i}/2", "--json")
        said = json.loads(mmaudit(*words).stdout)
        assert said == {"shard": f"{i}/2", "units": 2 - i, "of": 1, "samples": 120 * (2 - i)}
    done = mmaudit("merge", "run", "part-2", "part-1", "--trust", "--json")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == {"inspect", "robustness"}


def test_samples_that_cannot_be_read_count_when_all_parts_are_there(place):
    table = parquet.read_table("rows.parquet")
    column = table["x"].to_pylist()
    column[2] = [0.5]
    at = table.schema.get_field_index("x")
    parquet.write_table(table.set_column(at, "x", pa.array(column)), "rows.parquet")
    for i in (1, 2):
        part(f"{i}/2", f"p{i}")
    with pytest.raises(IncompleteError, match="1 samples could not be read"):
        merge("run", ["p1", "p2"], trust=True, quiet=True)
    merge("run", ["p1", "p2"], trust=True, quiet=True, max_skipped=1)
