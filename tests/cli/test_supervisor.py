"""However the process that works ends, the one above it knows whose end it was."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from mmaudit import parts
from places import ROOT

COMMAND = """
import atexit, ctypes, os, signal, sys, time
from collections import deque
from itertools import repeat
import mmaudit.cli.commands.demo as demo
from mmaudit import patience
from mmaudit.__main__ import run
from mmaudit.endings import note
from mmaudit.faults import Faults

C, first = ctypes.CDLL(None), os.getpid()
def command() -> None:
    print(os.getpid(), flush=True)
    {body}

demo.command = command
{top}
sys.argv = ["mmaudit", "demo"]
run()
"""
# in short naps: a signal that comes just before a nap begins is heard when it ends
SLEEP = "any(time.sleep(.05) for _ in range(1_200))"
HOLD = "deque(repeat(1), maxlen=0)"  # no thread of Python runs beside it, and no signal is heard
RESUME = "the same command with --resume goes on from here"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")


@pytest.fixture
def start(tmp_path):
    """Start a command that does something; it says which process works, and ends with the test."""
    started = []

    def one(body, top=""):
        script = tmp_path / "script.py"
        script.write_text(COMMAND.format(body=body, top=top))
        process = subprocess.Popen(
            [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        )  # fmt: skip
        started.append(process)
        return process, int(process.stdout.readline())

    yield one
    for process in started:
        process.kill()
        process.communicate()


def lines_of(process):
    """The exit code, and what was said on stderr."""
    said = process.communicate(timeout=30)[1]
    return process.returncode, said.splitlines()


ENDS = {
    "C.exit(0)": "with exit code 0",
    "C.exit(1)": "with exit code 1",
    "C._exit(0)": "with exit code 0",
    "C.raise_(6)": "by the signal SIGABRT of native code",
    "C.raise_(8)": "by the signal SIGFPE of native code",
    "ctypes.string_at(0)": "by the signal SIGSEGV of native code",
}


@pytest.mark.parametrize("end", ENDS)
def test_native_code_does_not_decide_the_exit_code(start, tmp_path, end):
    call = end.replace("C.raise_", 'getattr(C, "raise")')
    process, _ = start(f"with Faults('the model m'): {call}")
    code, (what, where, fix) = lines_of(process)
    assert (code, what) == (3, f"error: the model m ended its process {ENDS[end]}")
    line = 14 if end != "C._exit(0)" else None  # which leaves none
    place = f"{tmp_path}/script.py:{line}" if line else "native code, which left no line of Python"
    assert where == f"where: {place}"
    assert fix.startswith("try: mend it")


def test_all_lines_are_shown_on_request(start):
    process, _ = start("C.exit(0)", top="os.environ['MMAUDIT_TRACEBACK'] = '1'")
    code, said = lines_of(process)
    assert code == 3
    assert any(re.fullmatch(r'  File ".*script.py", line 14 in command', line) for line in said)
    assert said[-3] == "error: code that mmaudit was given ended its process with exit code 0"


def test_an_answer_stays_whatever_happens_after_it(start):
    process, _ = start("atexit.register(C.abort)")
    assert lines_of(process) == (0, [])


def test_a_process_that_is_killed_is_incomplete(start):
    """As the system does where memory runs out."""
    process, working = start(SLEEP)
    os.kill(working, signal.SIGKILL)
    code, (what, *_) = lines_of(process)
    assert code == 5
    assert "was ended before its work was done, as machines do where memory runs out" in what


@pytest.mark.parametrize(
    ("send", "stop", "code", "word"),
    [
        (os.kill, "TERM", 143, "asked to end"),  # to the process that is seen
        (os.killpg, "TERM", 143, "asked to end"),
        (os.killpg, "INT", 130, "interrupted"),  # to all, as a terminal does
        (os.kill, "HUP", 129, "the terminal is gone"),
    ],
)
def test_a_signal_is_answered_once_whoever_gets_it(start, send, stop, code, word):
    process, _ = start(SLEEP)
    send(process.pid, getattr(signal, f"SIG{stop}"))
    assert lines_of(process) == (code, [f"{word}; {RESUME}"])


def test_the_second_signal_is_not_waited_for_whatever_the_code_does(start):
    process, _ = start(HOLD)
    process.terminate()
    time.sleep(1.1)
    process.terminate()
    assert lines_of(process) == (143, [f"asked to end; {RESUME}"])


CLEARS_UP = """
    try:
        time.sleep(60)
    finally:
        time.sleep(1.3)
        print("cleared up", flush=True)
"""


def test_a_signal_that_is_passed_on_late_is_no_second_one(start):
    """A terminal tells all processes at once, and the one above may have to wait for its turn."""
    process, working = start(CLEARS_UP)
    time.sleep(0.3)  # it has said who it is, and may not have begun
    os.kill(working, signal.SIGTERM)
    time.sleep(1.1)
    process.terminate()
    assert process.stdout.read() == "cleared up\n"
    assert lines_of(process) == (143, [f"asked to end; {RESUME}"])


def test_an_ignored_signal_stays_ignored(start):
    process, _ = start("time.sleep(.3)", top="signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    os.killpg(process.pid, signal.SIGHUP)
    assert lines_of(process) == (0, [])


@pytest.mark.parametrize("body", [SLEEP, HOLD])
def test_nothing_goes_on_when_the_process_that_is_seen_is_killed(start, body):
    process, _ = start(body)
    process.kill()
    assert process.stdout.read() == ""  # which the other holds open as long as it lives
    assert process.wait() == -9


PICTURE = """
    import pyarrow as pa
    from mmaudit.kinds import base, image
    image._png = lambda *_: C.abort()
    cell = {"bytes": b"\\x89PNG\\r\\n\\x1a\\n", "path": "img/a.png"}
    base.load_kind("image").column(pa.array([cell]), base.Shape(), ["s1"])
"""


def test_a_picture_that_ends_the_process_is_named_with_its_sample(start):
    process, _ = start(PICTURE)
    code, (what, where, _) = lines_of(process)
    assert (code, what) == (3, f"error: {UNREADABLE} of native code")
    assert where == "where: img/a.png of the sample 's1'"


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def until(is_so):
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_process_that_is_named_is_the_one_that_is_seen(start):
    """In a lock, for whoever wants to end it."""
    process, working = start("print(note.command(), os.getppid())")
    assert process.stdout.read().split() == [str(process.pid)] * 2
    assert process.pid != working


def test_a_caller_of_the_command_line_gets_its_code_and_no_second_process(capfd):
    code = "import os; from mmaudit import cli; print(cli.main(), os.getpid())"
    process = subprocess.Popen([sys.executable, "-c", code, "robustness", "a dataset and no model"])
    assert process.wait() == 0
    assert capfd.readouterr().out == f"2 {process.pid}\n"


@LINUX
def test_what_is_stopped_stops_whole_and_goes_on(start):
    process, working = start("time.sleep(.5)")
    process.send_signal(signal.SIGTSTP)
    until(lambda: state(process.pid) == state(working) == "T")
    process.send_signal(signal.SIGCONT)
    assert lines_of(process) == (0, [])


def test_a_call_that_holds_the_lock_of_python_ends_with_5_and_its_line(start, tmp_path):
    call = f"with patience.Patience(.2, Faults('the model m')): {HOLD}"
    process, _ = start(call, top="patience.GRACE, patience.AGAIN = .2, .1")
    code, (what, where, _) = lines_of(process)
    assert (code, what) == (5, "error: the model m gave no answer within 0.2 s")
    assert where == f"where: {tmp_path}/script.py:14"


def test_what_a_debugger_follows_goes_on_alone(start):
    process, working = start("pass", top="sys.setprofile(lambda *_: None)")
    assert process.pid == working
    assert lines_of(process) == (0, [])


def test_a_command_that_opens_nothing_is_one_process():
    names = parts.own("cli/commands")
    alone = {n for n in names if hasattr(parts.load("cli/commands", n), "ALONE")}
    assert alone == {"doctor", "list"}


IN_THREADS = """
    import threading
    def work(whose, do):
        with whose: do()
    other = threading.Thread(target=work, args=(note.NativeRead("other.png"), lambda: time.sleep(9)))
    other.daemon = True
    other.start()
    ending = threading.Thread(target=work, args=({whose}, C.abort))
    ending.start()
    ending.join()
"""
UNREADABLE = "a file could not be read: its reader ended the process by the signal SIGABRT"


@pytest.mark.parametrize(
    ("body", "what", "where"),
    [
        ("with Faults('m'), note.NativeRead('a.png'): C.abort()", UNREADABLE, "a.png"),
        (IN_THREADS.format(whose="note.NativeRead('a.png')"), UNREADABLE, "a.png"),
        (IN_THREADS.format(whose="Faults('m')"), "m ended its process by the signal SIGABRT", ""),
        (
            "with Faults('m'):\n        with note.NativeRead('a.png'): pass\n        C.abort()",
            "m ended its process by the signal SIGABRT", "",
        ),
    ],
    ids=["inside a model", "its thread", "another thread", "after it"],
)  # fmt: skip
def test_a_reader_that_ends_the_process_is_named_by_its_file(start, body, what, where):
    """Whatever another thread reads, and whoever asked for the file."""
    process, _ = start(body)
    code, (said, place, *_) = lines_of(process)
    assert (code, said) == (3, f"error: {what} of native code")
    assert place == f"where: {where}" if where else "script.py" in place
