"""Yes is 0, no is 1, and everything from 2 up means that there is no answer."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from command import mmaudit
from mmaudit import robustness
from mmaudit.errors import InputError

MODEL = """
import numpy as np
{top}
class Sign:
    modalities = ("x",)
    classes = ("down", "up")
    def scores(self, batch, present):
        {body}
        up = 1 / (1 + np.exp(-2 * np.asarray(batch["x"])[:, :1]))
        return np.concatenate([1 - up, up], axis=1).astype(np.float32)

def factory():
    return Sign()
"""
MANIFEST = """
schema = 1
name = "signs"
[source]
path = "rows.csv"
id = "id"
[modality.x]
kind = "vector"
columns = ["a", "b"]
[target]
column = "label"
kind = "class"
"""
SWEEP = ["--corruptions", "vector/dropout", "--severities", "1,5", "--replicates", "50"]


def write(folder, rows=300, top="", body="pass"):
    lines = ["id,a,b,label"]
    for i in range(rows):
        a = (i % 21 - 10) / 5 + 0.1
        lines.append(f"s{i},{a},{i % 7},{'up' if a > 0 else 'down'}")
    (folder / "rows.csv").write_text("\n".join(lines) + "\n")
    (folder / "dataset.toml").write_text(MANIFEST)
    (folder / "model.py").write_text(MODEL.format(top=top, body=body))


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("swept")
    write(folder)
    done = sweep(folder, whole=True)
    assert done.returncode == 0, done.stderr
    return folder


def sweep(folder, *more, out="run", **how):
    words = ["robustness", "dataset.toml", "--model", "python:model.py:factory", "--out", out]
    return mmaudit(*words, *SWEEP, *more, cwd=folder, **how)


def gate(folder, text, run="run"):
    (folder / "gate.toml").write_text(f"schema = 1\n[[check]]\nid = 'c'\n{text}\n")
    return mmaudit("gate", run, "--config", "gate.toml", cwd=folder)


METRIC = "metric = 'robustness.accuracy{condition=clean}'"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{METRIC}\nmin = 0.5", 0),
        (f"{METRIC}\nmax = 0.1", 1),
        (f"{METRIC}\nmaks = 0.1", 2),
        ("metric = 'robustness.acuracy'\nmin = 0.1", 5),
        ("metric = 'robustness.accuracy{severity=5}'\nmax_drop = 0.2", {1, 5}),
    ],
)
def test_a_gate_says_yes_no_or_why_not(swept, text, code):
    done = gate(swept, text)
    assert done.returncode in (code if isinstance(code, set) else {code}), done.stdout + done.stderr


def test_a_gate_that_cannot_decide_ends_with_5(swept):
    from mmaudit.tables import store

    rows = store.read(swept / "run/robustness/summary.parquet").to_pylist()
    (row,) = [
        r for r in rows if r["metric"] == "accuracy" and r["severity"] == 5 and r["slice"] == "all"
    ]
    limit = row["estimate"]["value"] + 0.001
    done = gate(swept, f"metric = 'robustness.accuracy{{severity=5}}'\nmin = {limit}")
    assert done.returncode == 5, done.stdout
    assert "samples would decide" in done.stdout


def test_usage_is_2_and_names_the_close_word(swept):
    assert mmaudit("nope", cwd=swept).returncode == 2
    assert mmaudit("robustness", cwd=swept).returncode == 2
    done = sweep(swept, "--corruptions", "vector/dropuot", out="other")
    assert done.returncode == 2
    assert "vector/dropout" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_run_in_the_same_folder_is_2(swept):
    done = sweep(swept)
    assert done.returncode == 2
    assert "--resume" in done.stderr


def test_bad_input_is_3_with_three_lines(tmp_path):
    write(tmp_path)
    text = (tmp_path / "rows.csv").read_text()
    (tmp_path / "rows.csv").write_text(text + "s0,1,1,up\n")
    done = sweep(tmp_path)
    assert done.returncode == 3
    keys = [line.split(":")[0] for line in done.stderr.strip().splitlines()[-3:]]
    assert keys == ["error", "where", "try"]


def test_a_missing_thing_is_4(tmp_path):
    write(tmp_path)
    (tmp_path / "model.py").unlink()
    assert sweep(tmp_path).returncode == 4


def test_unreadable_samples_are_5_unless_accepted(tmp_path):
    write(tmp_path)
    text = (tmp_path / "rows.csv").read_text()
    (tmp_path / "rows.csv").write_text(text.replace("s7,", "s7,inf", 1))
    done = sweep(tmp_path)
    assert done.returncode == 5, done.stderr
    assert "s7" in done.stderr
    assert sweep(tmp_path, "--max-skipped", "1", out="accepted").returncode == 0
    checks = f"{METRIC}\nmin = 0.5"
    done = gate(tmp_path, checks)
    assert done.returncode == 5, "a gate on a run that is incomplete has no answer either"
    assert "1 samples could not be read" in done.stderr
    assert gate(tmp_path, checks, run="accepted").returncode == 0


def test_what_a_model_raises_is_3_and_names_its_line(tmp_path):
    write(tmp_path, body="raise KeyError('a bug in the model')")
    done = sweep(tmp_path)
    assert done.returncode == 3
    assert "a bug in the model" in done.stderr
    assert "model.py:8" in done.stderr


ODD = "x = np.asarray(batch['x']); odd = (x[:, 1] == 6) & (x[:, 0] > 2)"  # s20


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("if odd.any(): raise KeyError('odd')", "KeyError: 'odd' for the sample 's20'"),
        ("batch = {'x': np.where(odd[:, None], np.nan, x)}", "not finite, for the sample 's20'"),
    ],
)
def test_the_sample_that_a_model_fails_on_is_named(tmp_path, body, said):
    write(tmp_path, body=f"{ODD}\n        {body}")
    done = sweep(tmp_path)
    assert done.returncode == 3, done.stderr
    assert said in done.stderr


LEAKS = """
import os, resource
held = []
def leak():
    if "LEAKS" in os.environ:
        pages = int(open("/proc/self/statm").read().split()[0])
        room = (pages * resource.getpagesize() + 2**28, resource.RLIM_INFINITY)
        held or resource.setrlimit(resource.RLIMIT_AS, room)
        held.append(bytearray(2**26))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_model_that_leaks_is_5_and_the_run_goes_on(tmp_path, monkeypatch):
    """Each batch takes 64 MB more, and the system gives 256."""
    monkeypatch.setenv("LEAKS", "1")
    write(tmp_path, top=LEAKS, body="len(batch['x']) > 16 and leak()")
    done = sweep(tmp_path, "--batch-size", "32")
    assert done.returncode == 5, done.stderr
    assert "ran out of memory" in done.stderr
    assert "model.py:" in done.stderr
    monkeypatch.delenv("LEAKS")
    done = sweep(tmp_path, "--batch-size", "32", "--resume")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_model_that_hangs_is_5_and_the_run_goes_on(tmp_path, workers, monkeypatch):
    """Where the time is set, in the main thread as in the threads of several workers."""
    monkeypatch.setenv("HANGS", "1")
    how = ["--timeout", "0.5", "--workers", workers]
    body = "len(batch['x']) > 16 and 'HANGS' in os.environ and time.sleep(99)"
    write(tmp_path, top="import time, os", body=body)
    done = sweep(tmp_path, *how)
    assert done.returncode == 5, done.stderr
    assert "gave no answer within 0.5 s" in done.stderr
    assert "model.py:8" in done.stderr
    monkeypatch.delenv("HANGS")
    done = sweep(tmp_path, *how, "--resume")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "run/.mmaudit.lock").exists()


HOLDS = "len(batch['x']) > 16 and 'HOLDS' in os.environ and deque(repeat(1), maxlen=0)"


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_model_that_hangs_and_holds_the_lock_of_python_is_5(tmp_path, workers, monkeypatch):
    """No thread of Python runs in its loop, and no signal is heard."""
    monkeypatch.setenv("HOLDS", "1")
    how = ["--timeout", "0.5", "--workers", workers]
    top = "import os\nfrom collections import deque\nfrom itertools import repeat"
    write(tmp_path, top=top, body=HOLDS)
    done = sweep(tmp_path, *how, supervised=True)
    assert done.returncode == 5, done.stderr
    assert "gave no answer within 0.5 s" in done.stderr
    assert "model.py:10" in done.stderr
    monkeypatch.delenv("HOLDS")
    done = sweep(tmp_path, *how, "--resume")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "run/.mmaudit.lock").exists()


@pytest.mark.parametrize(
    "body",
    [
        "import sys; sys.exit(0)",
        "raise SystemExit(1)",
        "raise KeyboardInterrupt",
        "import os; os._exit(0)",
        "import os; os.execlp('true', 'true')",
    ],
)
def test_a_model_does_not_decide_the_exit_code(tmp_path, body):
    write(tmp_path, body=body)
    done = sweep(tmp_path)
    assert done.returncode == 3, done.stderr
    assert "model.py:8" in done.stderr
    assert not (tmp_path / "run/robustness/summary.parquet").exists()


@pytest.mark.parametrize(
    ("top", "body"),
    [
        ("import atexit, os; atexit.register(os._exit, 0)", "raise KeyError"),
        ("import os; os._exit(0)", "pass"),  # while it is loaded
        (
            "import os, threading",
            "t = threading.Thread(target=os._exit, args=(0,)); t.start(); t.join(); raise KeyError",
        ),
    ],
)
def test_a_model_does_not_end_with_yes_at_any_time(tmp_path, top, body):
    write(tmp_path, top=top, body=body)
    done = sweep(tmp_path, whole=True)
    assert done.returncode == 3, done.stderr
    assert "model.py:" in done.stderr
    assert not (tmp_path / "run/robustness/summary.parquet").exists()


@pytest.mark.parametrize(
    ("top", "body", "more", "line"),
    [
        ("import ctypes; ctypes.CDLL(None).exit(0)", "pass", (), 3),  # while it is loaded
        ("import ctypes", "ctypes.CDLL(None).exit(0)", (), 8),  # in the self-check
        ("import ctypes", "len(batch['x']) > 64 and ctypes.CDLL(None).exit(0)", (), 8),
        ("import ctypes", "len(batch['x']) > 64 and ctypes.string_at(0)", ("--workers", "2"), 8),
    ],
)
def test_native_code_of_a_model_does_not_decide_the_exit_code(tmp_path, top, body, more, line):
    """Wherever it is asked: the command ends with 3, by the line that Python was in."""
    write(tmp_path, rows=3000 if more else 300, top=top, body=body)
    ended_by_native_code(tmp_path, line, *more)


def test_native_code_that_is_asked_for_what_stands_in_does_not_either(tmp_path):
    write(tmp_path)
    (tmp_path / "model.py").write_text(STAGED)
    ended_by_native_code(tmp_path, 11, "--missing", "--absent", "zeros")


def ended_by_native_code(folder, line, *more):
    done = sweep(folder, *more, supervised=True)
    assert done.returncode == 3, done.stderr
    what, where, _ = done.stderr.splitlines()[-3:]
    assert what.startswith("error: the model python:model.py:factory ended its ")
    assert where == f"where: {folder}/model.py:{line}"
    assert not (folder / "run/robustness/summary.parquet").exists()


STAGED = """
import ctypes
import numpy as np
class Staged:
    modalities, classes = ("x",), ("down", "up")
    def scores(self, batch, present):
        return self.fuse({"x": self.encode("x", batch["x"])}, present)
    def encode(self, modality, values):
        x = np.asarray(values)
        if len(x) == 1 and not x.any():  # a filler is
            ctypes.CDLL(None).exit(0)
        return x
    def fuse(self, features, present):
        return np.full((len(features["x"]), 2), 0.5, np.float32)
def factory():
    return Staged()
"""


@pytest.mark.parametrize(
    "body",
    [
        "sys.stdout.close(); sys.stderr.close()",
        "sys.stdout.buffer.close()",
        "sys.stdout = sys.stderr = None",
        "sys.stdout = open('/dev/full', 'w'); print('x')",
    ],
)
def test_a_model_does_not_take_the_words_of_the_command(tmp_path, body):
    """It would have ended with 70, or with 120 of Python's own end."""
    write(tmp_path, top="import sys", body=body)
    done = sweep(tmp_path, whole=True)
    assert done.returncode == 0, done.stderr
    assert "tables: " in done.stdout
    assert "units" in done.stderr


def test_a_process_of_a_model_ends_as_it_likes(tmp_path):
    body = "pid = os.fork()\n        if not pid: os._exit(0)\n        os.waitpid(pid, 0)"
    write(tmp_path, top="import os", body=body)
    assert sweep(tmp_path).returncode == 0


def test_a_model_that_fails_on_what_stands_in_names_its_line(tmp_path):
    """The values that fill what is absent are encoded before anything is asked."""
    write(tmp_path)

    class Staged:
        modalities = ("x",)
        classes = ("down", "up")

        def scores(self, batch, present):
            return self.fuse({"x": self.encode("x", batch["x"])}, present)

        def encode(self, modality, values):
            if len(values) == 1:
                raise KeyError("one value, as a filler is")
            return np.asarray(values)

        def fuse(self, features, present):
            return np.full((len(features["x"]), 2), 0.5, np.float32)

    with pytest.raises(InputError, match="one value, as a filler is") as refused:
        robustness(tmp_path / "dataset.toml", Staged(), missing=True, absent=("zeros",), quiet=True)
    assert refused.value.where == f"{__file__}:{Staged.encode.__code__.co_firstlineno + 2}"


def test_a_bug_is_70_and_keeps_its_traceback(tmp_path):
    write(tmp_path)
    broken = (
        "import sys; from mmaudit.runs import selection; del selection.select; "
        "from mmaudit.cli import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken, "robustness", "dataset.toml", "--model",
         "python:model.py:factory", "--out", "run"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "cannot import name 'select'" in done.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on_and_ends_with_the_same_bytes(tmp_path, stop):
    """Killed in the middle of a sweep of 4 units, resumed: every table equals an undisturbed one."""
    write(tmp_path, rows=7_000, top="import time", body="time.sleep(0.02)")
    command = [sys.executable, "-m", "mmaudit", "robustness", "dataset.toml", "--model"]
    command += ["python:model.py:factory", "--out", "run", *SWEEP]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    samples = tmp_path / "run/robustness/samples"
    while len(list(samples.glob("[0-9]*"))) < 2:
        time.sleep(0.02)
        assert process.poll() is None, process.communicate()[1]
    process.send_signal(stop)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == (130 if stop == signal.SIGINT else -9), said
    assert not (tmp_path / "run/robustness/summary.parquet").exists()
    assert sweep(tmp_path, "--resume").returncode == 0
    assert sweep(tmp_path, "--workers", "2", out="undisturbed").returncode == 0
    for path in sorted((tmp_path / "undisturbed").rglob("*.parquet")):
        again = tmp_path / "run" / path.relative_to(tmp_path / "undisturbed")
        assert path.read_bytes() == again.read_bytes(), path.name


def test_resuming_another_run_is_refused(swept):
    done = sweep(swept, "--seed", "7", "--resume")
    assert done.returncode == 2
    assert "seed" in done.stderr


def test_help_and_version_are_0(tmp_path):
    for args in (["--help"], ["--version"], ["robustness", "--help"]):
        done = mmaudit(*args, cwd=tmp_path, env=os.environ | {"COLUMNS": "100"})
        assert done.returncode == 0


def test_a_file_that_ends_early_is_not_a_no():
    script = """
import mmaudit.cli.commands.doctor as doctor
def command() -> None:
    raise EOFError
doctor.command = command
from mmaudit.cli import main
raise SystemExit(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script, "doctor"], capture_output=True, check=False
    )
    assert done.returncode == 70


def test_a_reader_that_leaves_gets_no_answer():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "mmaudit", "list"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
