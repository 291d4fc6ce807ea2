"""Units are cut by row, each writes one whole file, and what is there is not done again."""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import pyarrow as pa
import pytest

from mmaudit.endings.note import NativeRead
from mmaudit.engines import local
from mmaudit.engines.base import Marked, cut
from mmaudit.errors import IncompleteError, InputError, UsageError
from mmaudit.faults import Faults
from mmaudit.patience import Patience
from mmaudit.tables import store


def end(by):
    """End this process as native code or a model does."""
    if by == 0:
        os._exit(0)
    if by < 0:
        ctypes.CDLL(None).exit(-by)
    os.kill(os.getpid(), by)
    time.sleep(60)


@dataclass(frozen=True)
class Squares:
    """Work that can travel to other processes."""

    processes: bool = False
    fails_at: int = -1
    lives_in: int = 0
    dies_by: int = 9  # a signal, or less than 0 for an exit code
    reads: str = ""  # what it reads when it dies

    def __call__(self, rows):
        if self.lives_in not in {0, os.getpid()}:
            with NativeRead(self.reads):
                end(self.dies_by)
        if self.fails_at in rows:
            raise InputError("this row is bad", where=str(self.fails_at), fix="mend it")
        return pa.table({"row": list(rows), "square": [r * r for r in rows]})

    def row_group(self, table):
        return max(1, table.num_rows)


def run(folder, work=None, workers=1, rows=100, size=7):
    seen = []
    local.run(
        work or Squares(),
        cut(rows, size),
        folder,
        workers=workers,
        report=lambda done, total: seen.append((done, total)),
    )
    return seen


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_units_cover_every_row_once():
    units = cut(100, 7)
    assert [r for unit in units for r in unit.rows] == list(range(100))
    assert cut(0) == ()


@pytest.mark.parametrize(
    ("workers", "processes"), [(1, False), (2, False), (4, False), (2, True), (3, True)]
)
def test_workers_do_not_change_a_byte(tmp_path, workers, processes):
    run(tmp_path / "one")
    seen = run(tmp_path / "other", Squares(processes=processes), workers)
    assert content(tmp_path / "one") == content(tmp_path / "other")
    assert seen[-1] == (15, 15)


def test_a_worker_that_is_killed_leaves_a_folder_to_go_on_from(tmp_path):
    with pytest.raises(IncompleteError, match="a worker process was ended"):
        run(tmp_path / "it", Squares(processes=True, lives_in=os.getpid()), 2)
    run(tmp_path / "it")
    run(tmp_path / "whole")
    assert content(tmp_path / "it") == content(tmp_path / "whole")


@pytest.mark.parametrize(
    ("by", "match"),
    [(0, "with exit code 0"), (-1, "with exit code 1"), (signal.SIGSEGV, "by the signal SIGSEGV")],
)
def test_work_that_ends_its_worker_failed_itself(tmp_path, by, match):
    with pytest.raises(InputError, match=match) as refused:
        run(tmp_path, Squares(processes=True, lives_in=os.getpid(), dies_by=by), 2)
    if by:  # nothing is noted by a process that ends itself, but for exit of the C library
        file, _, line = refused.value.where.rpartition(":")
        assert (file, int(line)) == (__file__, end.__code__.co_firstlineno + (6 if by > 0 else 5))


def test_a_file_that_ends_the_process_of_its_reader_is_named(tmp_path):
    work = Squares(processes=True, lives_in=os.getpid(), dies_by=signal.SIGABRT, reads="a.png")
    with pytest.raises(InputError, match="a file could not be read: its reader ended") as refused:
        run(tmp_path, work, 2)
    assert refused.value.where == "a.png"


@dataclass(frozen=True)
class Holds(Squares):
    """Work of a worker process that hangs, and lets no other thread of Python go on."""

    def __call__(self, rows):
        if self.lives_in != os.getpid():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])  # as a loop in C is deaf
            with Patience(0.2, Faults("the model")):
                ctypes.PyDLL(None).sleep(60)
        return super().__call__(rows)


@pytest.mark.slow
def test_a_worker_that_hangs_and_holds_the_lock_of_python_is_ended(tmp_path):
    work = Holds(processes=True, lives_in=os.getpid())
    began = time.monotonic()
    with pytest.raises(IncompleteError, match="gave no answer in time") as refused:
        run(tmp_path, work, 2)
    assert time.monotonic() - began < 40
    file, _, line = refused.value.where.rpartition(":")
    assert (file, int(line)) == (__file__, Holds.__call__.__code__.co_firstlineno + 4)


class Ends:
    """Work that ends the program with what it raises, here or in another process."""

    processes = True

    def __init__(self, error, parent=0):
        self.error, self.parent = error, parent

    def __call__(self, rows):
        if os.getpid() != self.parent:
            raise self.error
        return pa.table({"row": list(rows)})

    def row_group(self, table):
        return 1


@pytest.mark.parametrize("error", [SystemExit(0), SystemExit(1), KeyboardInterrupt()])
def test_work_that_ends_the_program_in_a_worker_failed_itself(tmp_path, error):
    with pytest.raises(InputError, match="code that mmaudit was given failed") as refused:
        run(tmp_path, Ends(error, os.getpid()), 2)
    assert refused.value.where.startswith(f"{__file__}:")


def test_what_is_there_is_not_done_again(tmp_path):
    run(tmp_path)
    gone = tmp_path / "000004.parquet"
    before = gone.read_bytes()
    gone.unlink()
    (tmp_path / ".000004.parquet.half").write_bytes(before[:50])
    assert run(tmp_path)[0] == (14, 15)
    assert gone.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_refusal_stops_the_run_and_leaves_whole_files(tmp_path, workers):
    with pytest.raises(InputError, match="this row is bad"):
        run(tmp_path, Squares(fails_at=50), workers)
    for path in tmp_path.iterdir():
        assert store.part(path).read().num_rows == 7


def test_files_carry_their_metadata(tmp_path):
    run(tmp_path, Marked(Squares(), {b"mmaudit": b"{}"}))
    assert store.metadata(tmp_path / "000000.parquet")[b"mmaudit"] == b"{}"


SLOW = """
import sys, time
from pathlib import Path
import pyarrow as pa
from mmaudit.engines import local
from mmaudit.engines.base import cut

class Slow:
    processes = False
    def __call__(self, rows):
        time.sleep(0.2)
        return pa.table({"row": list(rows)})
    def row_group(self, table):
        return 10

local.run(Slow(), cut(1000, 10), Path(sys.argv[1]), workers=2, report=lambda d, t: None)
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_whole_files(tmp_path, stop):
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path)], stderr=subprocess.DEVNULL, env=os.environ
    )
    while len(list(tmp_path.glob("[0-9]*"))) < 4:
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(stop)
    process.wait(timeout=20)
    done = list(tmp_path.glob("[0-9]*"))
    assert 4 <= len(done) < 100
    assert all(store.part(path).read().num_rows == 10 for path in done)


APART = """
import signal, sys, time
from pathlib import Path
import pyarrow as pa
from mmaudit.engines import local
from mmaudit.engines.base import cut

class Apart:
    processes = True
    load = bytes(2**20)  # more than a pipe holds
    def __init__(self):
        self.more = self.load[:-1]
    def __call__(self, rows):
        time.sleep(0.05)
        return pa.table({"row": list(rows)})
    def row_group(self, table):
        return 10

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    Path(sys.argv[1]).mkdir()
    local.run(Apart(), cut(10_000, 10), Path(sys.argv[1]), workers=2, report=lambda d, t: None)
"""


def members(session):
    """Processes of a session that have not ended."""
    found = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-s", str(session)], capture_output=True, check=False
    )
    told = [line.split() for line in found.stdout.decode().splitlines()]
    return [int(pid) for pid, state in told if not state.startswith("Z")]


@pytest.mark.parametrize(("stop", "units"), [(signal.SIGINT, 1), (signal.SIGKILL, 60)])
def test_no_process_is_left_behind_or_waited_for(tmp_path, stop, units):
    """However early all are interrupted, or the parent is killed: nothing of the run goes on."""
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text(APART)
    process = subprocess.Popen(
        [sys.executable, str(script), str(out)],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while len(list(out.glob("[0-9]*"))) < units:
        time.sleep(0.02)
        assert process.poll() is None
    if stop == signal.SIGINT:  # as a terminal does, to all of them
        os.killpg(process.pid, stop)
    else:
        process.send_signal(stop)
    try:
        assert process.wait(timeout=60) != 0
        for _ in range(200):
            if not members(process.pid):
                return
            time.sleep(0.05)
        pytest.fail(f"still there: {members(process.pid)}")
    finally:
        for pid in members(process.pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_refused(tmp_path, workers):
    with pytest.raises(UsageError, match="would do nothing"):
        run(tmp_path / "out", workers=workers)
    assert not (tmp_path / "out").exists()


@dataclass(frozen=True)
class Learning(Squares):
    """Work that cannot be packed any more once it has begun, as what it knows grows."""

    known: dict[str, int] = field(default_factory=dict)

    def __call__(self, rows):
        self.known["begun"] = rows.start
        return super().__call__(rows)

    def __reduce__(self):
        if self.known:
            raise RuntimeError("dictionary changed size during iteration")
        return Learning, (self.processes,)


def test_work_is_packed_before_it_begins(tmp_path):
    run(tmp_path / "two", Learning(processes=True), workers=3)
    run(tmp_path / "one")
    assert content(tmp_path / "two") == content(tmp_path / "one")


def test_a_damaged_unit_is_made_again(tmp_path):
    run(tmp_path)
    whole = content(tmp_path)
    damaged = tmp_path / "000004.parquet"
    broken = bytearray(damaged.read_bytes())
    broken[len(broken) // 2] ^= 1
    damaged.write_bytes(broken)
    assert run(tmp_path)[0] == (14, 15)
    assert content(tmp_path) == whole


def test_a_script_that_starts_itself_again_is_told_and_nobody_waits(tmp_path):
    """Its work is more than a pipe holds: whoever hands it to a process that is dead waits."""
    guard = 'if __name__ == "__main__":'
    script = tmp_path / "script.py"
    script.write_text(APART.replace(guard, "if True:").replace(".mkdir()", ".mkdir(exist_ok=True)"))
    done = subprocess.run(
        [sys.executable, script, tmp_path / "units"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode
    assert "start below if __name__ ==" in done.stderr


def test_a_process_that_only_reads_the_script_sweeps_nothing_up(tmp_path, monkeypatch):
    """What the process above it is writing stays, or that one fails by a file that is away."""
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    half = tmp_path / ".000000.parquet.abc.half"
    half.write_bytes(b"so far")
    with pytest.raises(IncompleteError, match="began the work of the one") as error:
        run(tmp_path)
    assert half.read_bytes() == b"so far"
    assert "if __name__ ==" in error.value.fix
