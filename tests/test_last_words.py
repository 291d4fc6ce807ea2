"""The exit code is the answer's, whoever reads what is said: a closed stream changes none."""

import json
import os
import subprocess
import sys

import pytest

from run_folders import make

NOBODY_READS = 141
# each case in a process of its own, forked from one that has loaded the program once
DRIVER = """
import gc, json, os, sys
import mmaudit.cli.app, mmaudit.cli.commands.gate, mmaudit.runs.config, mmaudit.runs.gate
import mmaudit.__main__, mmaudit.cli.supervisor
import mmaudit.cli.commands.doctor as doctor

def one(arguments, how):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    reading, gone = os.pipe()
    os.close(reading)
    for number, state in how.items():
        if state == "closed":
            os.close(int(number))
        else:
            os.dup2(gone if state == "abandoned" else os.open(os.devnull, os.O_WRONLY), int(number))
    os.close(gone)
    for number, name in ((1, "stdout"), (2, "stderr")):  # as Python does when it starts
        closed = how.get(str(number)) == "closed"
        setattr(sys, name, None if closed else open(number, "w", closefd=False))
        setattr(sys, f"__{name}__", getattr(sys, name))
    if arguments[0] in STAND_INS:
        doctor.command = STAND_INS[arguments[0]]
        arguments = ["doctor"]
    sys.argv = ["mmaudit", *arguments]
    mmaudit.__main__.run()

def broken() -> None:
    from mmaudit.formats import number
    number("no number")

def missing() -> None:
    from mmaudit.errors import MissingError
    raise MissingError("there is no such device", fix="another one")

STAND_INS = {"bug": broken, "missing": missing}
mmaudit.runs.gate.gate("run", "pass.toml")  # once for all: it loads what gates need
gc.freeze()  # or every end of a process copies all that is loaded

cases, ways = json.load(open(sys.argv[1]))
codes = [[c, w, one(a, ways[w])] for c, a in cases.items() for w in ways]
json.dump(codes, open(sys.argv[2], "w"))
"""
WAYS = {
    "read": {"1": "read", "2": "read"},
    **{
        f"{state} {name}": {n: state if n in numbers else "read" for n in "12"}
        for state in ("abandoned", "closed")
        for name, numbers in (("stdout", "1"), ("stderr", "2"), ("both", "12"))
    },
}


@pytest.fixture(scope="module")
def codes(tmp_path_factory):
    """The exit codes of each case in each way."""
    folder = tmp_path_factory.mktemp("codes")
    make(folder / "run")
    (folder / "bad.toml").write_text("schema = \n")
    for name, limit in {"pass": "min = 0.5", "fail": "min = 0.95", "open": "min = 0.9"}.items():
        metric = "robustness.accuracy{condition=clean}"
        text = f"schema = 1\n[[check]]\nid = 'c'\nmetric = '{metric}'\n{limit}\n"
        (folder / f"{name}.toml").write_text(text)
    gate = ["gate", "run", "--config"]
    cases = {
        "0": [*gate, "pass.toml"],
        "1": [*gate, "fail.toml"],
        "2": ["run", "bad.toml", "--out", "out"],
        "2 of typer": ["gate", "--no-such-flag"],
        "3": ["gate", "nonexistent", "--config", "pass.toml"],
        "4": ["missing"],
        "5": [*gate, "open.toml"],
        "70": ["bug"],
    }
    (folder / "ask.json").write_text(json.dumps([cases, WAYS]))
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, "ask.json", "codes.json"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "codes.json").read_text())


@pytest.mark.parametrize("way", WAYS)
def test_a_code_stays_whatever_is_closed(codes, way):
    seen = {(case, code) for case, how, code in codes if how == way}
    assert seen == {(case, int(case.split()[0])) for case, _ in seen}


def test_what_is_only_said_needs_a_reader_and_what_is_written_needs_none(tmp_path):
    """``report --form terminal | true`` is no answer, and no 1 either; a page is there."""
    run = str(make(tmp_path / "run"))
    page = ["--form", "html", "--out", "page.html"]
    written = (["diff", run, run, *page], ["history", run, *page], ["baseline", "set", "a", run])
    said = (["list"], ["report", run, "--form", "terminal"], ["baseline", "list"])
    for command in (["--help"], *written, *said):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "mmaudit", *command], cwd=tmp_path,
            stdout=writing, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
        os.close(writing)
        answer = NOBODY_READS if command in said else 0  # help is there for the asking
        assert (done.returncode, done.stderr) == (answer, b""), command


def test_an_answer_without_room_is_no_answer(tmp_path):
    make(tmp_path)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mmaudit", "report", str(tmp_path), "--form", "terminal"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 5
    assert "No space left" in done.stderr


def test_a_file_never_takes_the_place_of_a_closed_stream(tmp_path):
    """Whatever speaks to stderr would write into it."""
    program = """
import os, sys
from mmaudit import streams
streams.steady()
with open(sys.argv[1], "w") as file:
    os.write(2, b"a native library speaks")
    sys.exit(0 if file.fileno() > 2 else 9)
"""
    close = f"{sys.executable} -c '{program}' {tmp_path / 'file'} >&- 2>&-"
    assert subprocess.run(["sh", "-c", close], check=False).returncode == 0
    assert (tmp_path / "file").read_bytes() == b""
