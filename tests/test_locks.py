"""One command at a time in a folder: a second one is refused, and a dead one holds nothing."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace

import pytest

import mmaudit as mm
import run_folders
import two_vectors
from mmaudit import locks
from mmaudit.audits.robustness.options import Options
from mmaudit.errors import IncompleteError
from mmaudit.injection.record.verify import verify
from mmaudit.locks import LOCK, Holder, alone
from mmaudit.runs.export import export_conditions
from mmaudit.runs.filter import filtered, flagged
from mmaudit.runs.gate import suggested
from mmaudit.runs.report import opened

HERE = Holder.myself("corrupt")


def test_a_folder_is_held_once_and_the_lock_goes_with_its_holder(tmp_path):
    folder = tmp_path / "a" / "b"
    refused = []

    def other():
        try:
            with alone(folder, "report"):
                pass
        except IncompleteError as error:
            refused.append(error)

    with alone(folder, "corrupt"):
        with alone(folder, "gate"):  # the same command may ask again
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        (folder / "output").touch()
    assert [p.name for p in folder.iterdir()] == ["output"]
    (error,) = refused
    assert error.exit_code == 5
    assert (
        f"mmaudit corrupt, process {os.getpid()} on {socket.gethostname()}, since 20" in error.what
    )
    assert error.where == str(folder / LOCK)
    assert error.fix == "wait until it is done, or end it; then the same command"


def test_a_folder_that_was_made_and_stays_empty_goes(tmp_path):
    with pytest.raises(ValueError), alone(tmp_path / "a" / "b", "corrupt"):
        raise ValueError
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine").mkdir()
    with alone(tmp_path / "mine", "corrupt"):
        pass
    assert not list((tmp_path / "mine").iterdir())
    (tmp_path / "file").touch()
    with alone(tmp_path / "file", "corrupt"):
        assert (tmp_path / "file").is_file()
    with alone(tmp_path / "gone", "gate", make=False):
        assert not (tmp_path / "gone").exists()


def test_what_a_dead_command_left_is_taken(tmp_path):
    (tmp_path / LOCK).write_text(json.dumps(asdict(HERE)))
    with alone(tmp_path, "corrupt"):
        assert Holder.read((tmp_path / LOCK).read_text()).command == "corrupt"
    (tmp_path / LOCK).write_text("half a hold")
    with alone(tmp_path, "corrupt"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_command_that_is_ending_is_waited_for(tmp_path):
    """What is seen of it was killed, and what works for it has not let go yet."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    file = os.open(tmp_path / LOCK, locks.FLAGS)
    fcntl.flock(file, fcntl.LOCK_EX)
    os.pwrite(file, json.dumps(asdict(replace(HERE, pid=gone.pid))).encode(), 0)
    threading.Timer(0.2, os.close, [file]).start()
    with alone(tmp_path, "run"):
        pass


def test_without_locks_of_the_system_what_is_written_decides():
    assert HERE.may_live
    assert Holder.read(json.dumps(asdict(HERE))) == HERE
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert not replace(HERE, pid=done.pid).may_live  # gone
    assert not replace(HERE, started="1").may_live  # its number went to another process
    assert replace(HERE, host="elsewhere", pid=done.pid).may_live  # nobody can tell
    for text in ("", "{}", "[1]", "null", '{"pid": "x"}', "[" * 10**5):
        assert Holder.read(text) is None


def test_of_a_holder_on_another_machine_it_is_said_what_to_remove(tmp_path):
    far = replace(HERE, host="elsewhere")
    with alone(tmp_path, "corrupt"):
        (tmp_path / LOCK).write_text(json.dumps(asdict(far)))
        with pytest.raises(IncompleteError) as refused:
            locks._take(tmp_path / LOCK, "gate", tmp_path / LOCK, 0.0)
    assert refused.value.fix.endswith(f"if elsewhere is gone, remove {tmp_path / LOCK}")


def test_readers_share_a_folder_with_one_another_and_with_none_that_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.0)
    said = []

    def ask(way):
        def other():
            try:
                with way(tmp_path):
                    said.append("in")
            except IncompleteError as error:
                said.append(error.what)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return said.pop()

    def read(folder):
        return locks.reading(folder, "diff")

    def write(folder):
        return alone(folder, "gate")

    with read(tmp_path), read(tmp_path):
        assert ask(read) == "in"
        assert ask(write).startswith("another command is at work in this folder: mmaudit diff,")
    assert not list(tmp_path.iterdir())
    with write(tmp_path):
        assert ask(read).startswith("another command is at work in this folder: mmaudit gate,")
        with read(tmp_path):  # its own
            pass
        assert (tmp_path / LOCK).exists()
    assert ask(write) == "in"
    with read(tmp_path / "gone"):
        assert not list(tmp_path.iterdir())


FORKS = """
import os, signal, sys, time
from pathlib import Path
from mmaudit.locks import alone
with alone(Path(sys.argv[1]), "corrupt"):
    child = os.fork()
    if child == 0:
        os.close(1)
        time.sleep(30)
        os._exit(0)
    print(child, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_forked_process_holds_nothing(tmp_path):
    """Else a model's own processes would keep the folder of a command that was killed."""
    done = subprocess.run(
        [sys.executable, "-c", FORKS, tmp_path], stdout=subprocess.PIPE, check=False
    )
    assert (tmp_path / LOCK).exists()
    with alone(tmp_path, "corrupt"):
        os.kill(int(done.stdout), signal.SIGKILL)
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    two_vectors.make(folder, 6000)
    (folder / "model.py").write_text(
        "import os, time\nimport numpy as np\n"
        "class Slow:\n    modalities, classes = ('left', 'right'), ('a', 'b', 'c')\n"
        "    def scores(self, batch, present):\n"
        "        time.sleep(float(os.environ.get('SLOW', 0)))\n"
        "        p = np.exp(np.stack([np.asarray(batch['left'])[:, i] for i in range(3)], 1))\n"
        "        return (p / p.sum(1, keepdims=True)).astype(np.float32)\n"
    )
    return folder


COMMANDS = {
    "corrupt": "corrupt dataset.toml {out} --apply vector/dropout:3@left --format parquet",
    "robustness": "robustness dataset.toml --model python:model.py:Slow --out {out} "
    "--corruptions vector/dropout --severities 3 --replicates 10 --workers {workers}",
    "contributions": "contributions dataset.toml --model python:model.py:Slow --out {out} "
    "--replicates 10 --absent zeros --workers {workers}",
    "noisy-pairs": "noisy-pairs dataset.toml --method similarity --out {out}",
}


def start(data, line, slow="0"):
    return subprocess.Popen(
        [sys.executable, "-m", "mmaudit", *line.split()],
        cwd=data,
        env=os.environ | {"SLOW": slow},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): b"" if p.name == "run.json" else p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_every_command_that_writes_a_folder_is_refused_where_another_is(data, tmp_path):
    """In Python: the refusal comes before anything is looked at or written."""
    out, manifest = tmp_path / "out", data / "dataset.toml"
    model = f"python:{data / 'model.py'}:Slow"
    (tmp_path / "audit.toml").write_text(
        f'schema = 1\ndataset = "{manifest}"\nmodel = "{model}"\n[robustness]\n'
    )
    calls = {
        "robustness": lambda: mm.robustness(manifest, model, out=out),
        "contributions": lambda: mm.contributions(manifest, model, out=out),
        "noisy-pairs": lambda: mm.noisy_pairs(manifest, out=out),
        "corrupt": lambda: mm.corrupt(manifest, out, apply=("vector/dropout:1@left",)),
        "run": lambda: mm.run(tmp_path / "audit.toml", out, trust=True),
        "gate": lambda: mm.gate(out, tmp_path / "gate.toml"),
        "report": lambda: mm.report(out),
        "filtered": lambda: filtered(tmp_path, manifest, out),
        "export": lambda: export_conditions(manifest, out, Options()),
        "demo": lambda: mm.demo(out),
    }
    with alone(out, "demo"):
        for name, call in calls.items():
            raised = []

            def other(call=call, raised=raised):
                try:
                    call()
                except BaseException as error:  # noqa: BLE001
                    raised.append(error)

            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            assert isinstance(raised[0], IncompleteError), (name, raised)
            assert "another command is at work in this folder: mmaudit demo" in raised[0].what
        assert {p.name for p in out.iterdir()} == {LOCK}


def test_every_command_that_reads_a_run_is_refused_where_another_writes_it(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.0)
    monkeypatch.chdir(tmp_path)
    a, b = (run_folders.make(tmp_path / name) for name in "ab")
    calls = {
        "diff": lambda: mm.diff(a, b),
        "diff, the second": lambda: mm.diff(b, a),
        "history": lambda: mm.history([b, a]),
        "baseline set": lambda: mm.baseline("set", "main", a),
        "report --form terminal": lambda: opened(a),
        "gate --baseline": lambda: mm.gate(b, tmp_path / "gate.toml", baseline=a),
        "gate --suggest": lambda: suggested(b, str(a)),
        "filtered": lambda: flagged(a),
        "corrupt --verify": lambda: verify(a / "card.json"),
    }
    (tmp_path / "gate.toml").write_text(
        'schema = 1\n[[check]]\nid = "c"\nmetric = "robustness.accuracy{condition=clean}"\n'
        'against = "baseline"\nmax_drop = 0.1\n'
    )
    raised = []
    with alone(a, "robustness"):

        def others():
            for call in calls.values():
                try:
                    call()
                except BaseException as error:  # noqa: BLE001
                    raised.append(error)

        thread = threading.Thread(target=others)
        thread.start()
        thread.join()
    for name, error in zip(calls, raised, strict=True):
        assert isinstance(error, IncompleteError), (name, error)
        assert "another command is at work in this folder: mmaudit robustness" in error.what
    mm.diff(a, b)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_the_second_command_is_refused_and_after_a_kill_goes_on(data, tmp_path, workers):
    line = COMMANDS["robustness"].format(out=tmp_path / "out", workers=workers)
    first = start(data, line, slow="0.5")
    wait_for(tmp_path / "out" / "robustness" / "plan.json", first)
    second = start(data, f"{line} --resume")
    said = second.communicate()
    assert second.returncode == 5
    assert (
        said[1]
        .splitlines()[-3]
        .startswith(
            f"error: another command is at work in this folder: mmaudit robustness, process {first.pid}"
        )
    )
    assert first.poll() is None
    first.send_signal(signal.SIGKILL)
    first.communicate()
    again = start(data, f"{line} --resume")
    said = again.communicate()
    assert again.returncode == 0, said
    whole = start(data, COMMANDS["robustness"].format(out=tmp_path / "whole", workers=workers))
    said = whole.communicate()
    assert whole.returncode == 0, said
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
