"""Runs in an object store: against a server that speaks S3, behind a network that fails."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import mmaudit as mm
import s3_server
import two_vectors
from command import mmaudit
from mmaudit.audits.robustness.options import Options
from mmaudit.errors import IncompleteError, InputError, MissingError, UsageError
from mmaudit.models.access import PERSON
from mmaudit.runs import run as runs

RUN = "s3://bucket/runs/one"
UNIT = "runs/one/robustness/samples/000001.parquet"
PLAN = "runs/one/robustness/plan.json"
SUMMARY = "runs/one/robustness/summary.parquet"
ASKED = {"corruptions": ("vector/dropout",), "severities": (1,), "replicates": 20}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    model = Path(two_vectors.__file__).read_text() + "\nfactory = Nearest\n"
    (folder / "model.py").write_text(model)
    return two_vectors.make(folder, 96)


@pytest.fixture(scope="module")
def alone(data, tmp_path_factory):
    """The same run in a folder of this machine."""
    out = tmp_path_factory.mktemp("local") / "one"
    sweep(data, out)
    return out


def sweep(data, out=RUN, **more):
    """Three units, each with its answers."""
    options = Options(**ASKED, **more)
    model = f"python:{data.parent / 'model.py'}:factory"
    return runs.audit(
        "robustness", data, model, options, out=out, named_by=PERSON, quiet=True, unit_rows=32
    )


def words(data, out):
    """The same as words of a command."""
    return [
        *("robustness", data, "--model", f"python:{data.parent / 'model.py'}:factory"),
        *("--corruptions", "vector/dropout", "--severities", "1", "--replicates", "20"),
        *("--out", out),
    ]


def tables(folder):
    """The bytes of what a run answers, by name."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.parquet")}


def stored(s3, under="runs/one/"):
    return {
        name.removeprefix(under): s3.content(name)
        for name in s3.names()
        if name.endswith(".parquet") and name.startswith(under)
    }


def elsewhere(monkeypatch, tmp_path):
    """Be another machine: one that has fetched nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))


def test_a_run_in_a_store_is_byte_for_byte_one_of_this_machine(s3, data, alone):
    run = sweep(data)
    assert stored(s3) == tables(alone) == tables(run.path)
    plain = {n for n in s3.names() if not n.endswith(".parquet")}
    assert plain == {
        f"runs/one/{n}" for n in (".mmaudit.index", "robustness/plan.json", "run.json")
    }
    puts = {key: n for (method, key), n in s3.asked.items() if method == "PUT"}
    assert set(puts.values()) == {1} or {k for k, n in puts.items() if n > 1} == {
        "runs/one/.mmaudit.index"
    }


def test_commands_read_and_write_runs_in_a_store(s3, data, alone, tmp_path):
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "one")}
    done = mmaudit(*words(data, RUN), env=env, loaded=("s3fs",))
    assert done.returncode == 0, done.stderr
    assert f"tables: {RUN}/robustness" in done.stdout
    env["XDG_CACHE_HOME"] = str(tmp_path / "two")
    assert mmaudit("report", RUN, env=env, loaded=("s3fs",)).returncode == 0
    assert "runs/one/report.html" in s3.names()
    gate = tmp_path / "gate.toml"
    gate.write_text(
        '[[check]]\nid = "a"\nmetric = "robustness.accuracy{condition=clean}"\nmin = 0.1\n'
    )
    assert mmaudit("gate", RUN, "--config", gate, env=env, loaded=("s3fs",)).returncode == 0
    assert json.loads(s3.content("runs/one/verdict.json"))["outcome"] == "pass"
    compared = mmaudit("diff", RUN, alone, env=env, loaded=("s3fs",))
    assert compared.returncode == 0, compared.stderr
    assert mmaudit("history", RUN, alone, env=env, loaded=("s3fs",)).returncode == 0
    everything = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    everything += [s3.content(name) for name in s3.names()]
    assert not any(s3_server.SECRET.encode() in content for content in everything)


def test_a_run_that_is_there_is_gone_on_with_only_where_that_is_said(s3, data):
    sweep(data)
    with pytest.raises(UsageError, match="already a run") as refusal:
        sweep(data)
    assert refusal.value.where == f"{RUN}/robustness"
    before = s3.asked.copy()
    sweep(data, resume=True)
    assert not [key for method, key in s3.asked - before if method == "PUT" and "samples" in key]


@pytest.mark.parametrize("rot", [True, False])
def test_a_damaged_unit_in_a_store_is_made_again(s3, data, alone, monkeypatch, tmp_path, rot):
    sweep(data)
    elsewhere(monkeypatch, tmp_path)
    s3.damage(UNIT, rot=rot)
    sweep(data, resume=True)
    assert stored(s3) == tables(alone)


@pytest.mark.parametrize("rot", [True, False])
def test_damage_in_a_store_is_no_number(s3, data, monkeypatch, tmp_path, rot):
    sweep(data)
    s3.damage(SUMMARY, rot=rot)
    elsewhere(monkeypatch, tmp_path)
    with pytest.raises(InputError, match="the table is damaged") as refusal:
        mm.report(RUN)
    assert refusal.value.where == f"{RUN}/robustness/summary.parquet"


@pytest.mark.parametrize("rot", [True, False])
def test_what_is_no_table_is_not_taken_with_another_bit(s3, data, monkeypatch, tmp_path, rot):
    sweep(data)
    s3.damage(PLAN, rot=rot)
    elsewhere(monkeypatch, tmp_path)
    with pytest.raises(InputError, match="not what was put there") as refusal:
        mm.report(RUN)
    assert refusal.value.where == f"{RUN}/robustness/plan.json"


@pytest.mark.parametrize("fault", [s3_server.unavailable, s3_server.cut, s3_server.flipped])
def test_what_fails_once_is_asked_again(s3, data, alone, monkeypatch, tmp_path, fault):
    if fault is s3_server.unavailable:
        s3.fault(fault, method="PUT", ending=UNIT)
    sweep(data)
    elsewhere(monkeypatch, tmp_path)
    s3.fault(fault, ending="summary.parquet")
    s3.fault(fault, ending="plan.json")
    mm.report(RUN, tmp_path / "page.html")
    assert stored(s3) == tables(alone)


def test_a_store_that_stays_away_ends_the_run(s3, data):
    s3.fault(s3_server.unavailable, times=99, method="PUT", ending=UNIT)
    with pytest.raises(MissingError, match="cannot be reached: Service Unavailable") as refusal:
        sweep(data)
    assert refusal.value.where == f"s3://bucket/{UNIT}"
    s3.faults.clear()
    sweep(data, resume=True)  # at once: this machine's own lock is nobody's


def test_refusals_are_for_people(s3, data, monkeypatch):
    with pytest.raises(InputError, match="there is no bucket 'nowhere'"):
        sweep(data, "s3://nowhere/run")
    s3.fault(s3_server.denied, times=9, method="PUT")
    with pytest.raises(MissingError, match="access is denied"):
        sweep(data)
    with pytest.raises(MissingError, match="needs the package") as refusal:
        sweep(data, "gs://bucket/run")
    assert refusal.value.fix == "pip install 'mmaudit[gs]'"
    for where in ("https://host/run", "s3://bucket", "s3://bucket/a/../b", "hf://datasets/a/b"):
        with pytest.raises(UsageError):
            sweep(data, where)
    with pytest.raises(UsageError) as refusal:
        sweep(data, "s3://user:secret@bucket/run")
    assert "secret" not in str(refusal.value)


def test_who_has_no_credentials_is_told_what_to_set(s3, data, tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") or "ENDPOINT" in k}
    env |= {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    done = mmaudit(*words(data, RUN), env=env, loaded=("s3fs",))
    assert done.returncode == 4
    assert "there are no credentials" in done.stderr


def killed(s3, data, env, unit):
    """Start the command in a process of its own, and kill it when it has put a unit."""
    process = None

    def kill(method, path, status, body):
        if method == "PUT" and path.endswith(unit):
            os.killpg(process.pid, signal.SIGKILL)
        return status, body

    command = [sys.executable, "-c", COMMAND, str(data), RUN]
    s3.faults.append(kill)
    process = subprocess.Popen(command, env=env, start_new_session=True)
    assert process.wait() == -signal.SIGKILL
    s3.faults.clear()


COMMAND = """
import sys
from pathlib import Path
from test_runs_in_stores import sweep
sweep(Path(sys.argv[1]), resume=True)
"""


def environment(**more):
    """Of a process that finds this file."""
    here = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    return {**os.environ, "PYTHONPATH": here, **more}


def test_a_killed_run_goes_on_here_at_once(s3, data, alone):
    killed(s3, data, environment(), "000000.parquet")
    assert SUMMARY not in s3.names()
    assert "runs/one/.mmaudit.lock" in s3.names()
    before = s3.asked.copy()
    sweep(data, resume=True)
    puts = [key for method, key in s3.asked - before if method == "PUT"]
    assert "runs/one/robustness/samples/000000.parquet" not in puts
    assert stored(s3) == tables(alone)
    assert not [name for name in s3.names() if "lock" in name]


@pytest.mark.slow
def test_a_killed_run_goes_on_elsewhere_when_its_lease_has_ended(
    s3, data, alone, monkeypatch, tmp_path
):
    killed(s3, data, environment(), "000001.parquet")
    elsewhere(monkeypatch, tmp_path)
    with pytest.raises(IncompleteError, match="another command is at work in this run: mmaudit"):
        sweep(data, resume=True)
    with pytest.raises(IncompleteError, match="another command is at work"):
        mm.report(RUN)
    s3.age("runs/one/.mmaudit.lock", 200)
    before = s3.asked.copy()
    sweep(data, resume=True)
    puts = [key for method, key in s3.asked - before if method == "PUT"]
    assert UNIT not in puts
    assert stored(s3) == tables(alone)
    assert not [name for name in s3.names() if "lock" in name]


def test_parts_in_a_store_are_merged(s3, data, alone):
    parts = [f"s3://bucket/runs/part-{number}" for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        sweep(data, part, shard=f"{number}/2")
    mm.merge(RUN, parts, trust=True, quiet=True)
    assert stored(s3) == tables(alone)
