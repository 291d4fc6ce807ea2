"""Units as tasks of a cluster of three machines: the same bytes, the same errors, nothing more."""

import ctypes
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace

import pyarrow as pa
import pytest

import mmaudit as mm
import ray_cluster
import two_vectors
from mmaudit.engines import _reach, _remote, local
from mmaudit.engines.base import cut
from mmaudit.engines.declaration import Place, opened
from mmaudit.errors import IncompleteError, InputError, MissingError, UsageError

pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Ray, in its own threads


@dataclass(frozen=True)
class Squares:
    """Work that does something else in some rows."""

    fails_at: int = -1
    dies_at: int = -1
    dies_by: int = 0  # a signal, or 0 for an exit code
    tries: str = ""  # where it says how often it was begun
    processes: bool = False

    def __call__(self, rows):
        if self.tries and {self.fails_at, self.dies_at} & set(rows):
            with open(self.tries, "a") as file:
                file.write("x")
        if self.fails_at in rows:
            raise ZeroDivisionError("by nothing")
        if self.dies_at in rows:
            if self.dies_by:
                ctypes.string_at(0)
            os._exit(0)
        return pa.table({"row": list(rows), "square": [r * r for r in rows]})

    def row_group(self, table):
        return max(1, table.num_rows)


class Foreign(Squares):
    """Work that no other process can have."""

    def __reduce__(self):
        raise TypeError("it stays here")


@pytest.fixture(scope="module")
def cluster():
    with ray_cluster.machines() as machines:
        yield machines


@pytest.fixture(scope="module")
def runner(cluster):
    with opened(Place(engine="ray", address=cluster.address)) as runner:
        yield runner


def run(runner, folder, work=None, rows=100):
    seen = []
    runner.run(
        work or Squares(),
        cut(rows, 7),
        folder,
        report=lambda done, total: seen.append((done, total)),
    )
    return seen


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_cluster_makes_the_same_bytes(runner, tmp_path):
    assert (runner.workers, runner.beside) == (2, 1)
    local.run(Squares(), cut(100, 7), tmp_path / "one", workers=1, report=lambda *_: None)
    seen = run(runner, tmp_path / "other")
    assert content(tmp_path / "one") == content(tmp_path / "other")
    assert (seen[0], seen[-1]) == ((0, 15), (15, 15))
    gone = tmp_path / "other/000004.parquet"
    before = gone.read_bytes()
    gone.unlink()
    assert run(runner, tmp_path / "other") == [(14, 15), (15, 15)]
    assert gone.read_bytes() == before


def test_an_error_of_someones_code_is_not_tried_again(runner, tmp_path):
    work = Squares(fails_at=50, tries=str(tmp_path / "tries"))
    with pytest.raises(InputError, match="failed: ZeroDivisionError: by nothing") as refused:
        run(runner, tmp_path / "out", work)
    assert refused.value.where == f"{__file__}:{Squares.__call__.__code__.co_firstlineno + 5}"
    assert (tmp_path / "tries").read_text() == "x"
    assert all(name.endswith(".parquet") for name in content(tmp_path / "out"))


def test_native_code_that_ends_its_process_is_named_and_not_tried_again(runner, tmp_path):
    work = Squares(dies_at=50, dies_by=signal.SIGSEGV, tries=str(tmp_path / "tries"))
    with pytest.raises(
        InputError, match="ended its worker process by the signal SIGSEGV"
    ) as refused:
        run(runner, tmp_path / "out", work)
    assert refused.value.where == f"{__file__}:{Squares.__call__.__code__.co_firstlineno + 8}"
    assert (tmp_path / "tries").read_text() == "x"


@pytest.mark.slow
def test_a_process_that_ends_without_a_word_is_tried_three_times(runner, tmp_path):
    work = Squares(dies_at=50, tries=str(tmp_path / "tries"))
    with pytest.raises(IncompleteError, match="the same unit ended its worker process 3 times"):
        run(runner, tmp_path / "out", work)
    assert (tmp_path / "tries").read_text() == "xxx"


ASKED = {
    "robustness": {"corruptions": ("vector/gaussian_noise",), "missing": True, "replicates": 40},
    "contributions": {"replicates": 40, "absent": ("model", "zeros")},
    "adaptivity": {"replicates": 40},
    "inspect": {},
}


@pytest.mark.parametrize(
    "audit", [pytest.param(n, marks=[] if n == "adaptivity" else [pytest.mark.slow]) for n in ASKED]
)
def test_an_audit_of_an_object_is_the_same_on_a_cluster(runner, tmp_path, audit):
    data = mm.load(two_vectors.make(tmp_path / "data", 2500))  # two units
    model = None if audit == "inspect" else two_vectors.NearestOfTwo()
    for engine in ("local", "ray"):  # the connection of this program
        getattr(mm, audit)(
            data, model, engine=engine, out=tmp_path / engine, quiet=True, **ASKED[audit]
        )
    one, other = (tmp_path / engine / audit for engine in ("local", "ray"))
    tables = {path.relative_to(one): path.read_bytes() for path in one.rglob("*.parquet")}
    assert len([name for name in tables if name.parts[0] == "samples"]) == 2
    assert tables == {p.relative_to(other): p.read_bytes() for p in other.rglob("*.parquet")}


def test_a_corrupted_copy_is_the_same_on_a_cluster(runner, tmp_path):
    data = two_vectors.make(tmp_path / "data", 2500)
    for engine in ("local", "ray"):
        mm.corrupt(
            data, tmp_path / engine, apply=("vector/dropout:3@left",), engine=engine, quiet=True
        )
    one, other = ((tmp_path / engine / "card.json").read_bytes() for engine in ("local", "ray"))
    assert one == other  # it has the digest of every file


COMMAND = "robustness {0} --model python:{1}:Nearest --out {2} --engine ray"


def refused(tmp_path, more, **environment):
    data = two_vectors.make(tmp_path / "data", 20)
    code = "import sys; sys.modules.update({0}); from mmaudit.cli import main; sys.exit(main())"
    code = code.format(environment.pop("modules", "{}"))
    words = COMMAND.format(data, two_vectors.__file__, tmp_path / "out").split()
    done = subprocess.run(
        [sys.executable, "-c", code, *words, *more], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr.partition("error: ")[2].splitlines()


def test_an_address_where_nobody_answers_is_said_in_time(tmp_path):
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))  # and does not listen
        began = time.monotonic()
        code, lines = refused(tmp_path, ["--address", f"127.0.0.1:{line.getsockname()[1]}"])
    assert time.monotonic() - began < 20
    assert (code, lines[0].partition(":")[0]) == (4, "nobody answers at 127.0.0.1")
    assert lines[2].startswith("try: --address HOST:PORT of the head")
    assert not (tmp_path / "out").exists()


def test_without_the_package_the_line_to_type_is_said(tmp_path):
    code, lines = refused(tmp_path, [], modules="{'ray': None}")
    assert (code, lines[-1]) == (4, "try: pip install 'mmaudit[ray]'")
    assert lines[0].startswith("engines 'ray' needs the package 'ray'")


def test_an_address_without_the_engine_is_refused(tmp_path):
    code, lines = refused(tmp_path, ["--engine", "local", "--address", "auto"])
    assert (code, lines[-1]) == (2, "try: --engine ray, or no --address")


def test_work_that_cannot_be_sent_is_refused(runner, tmp_path):
    with pytest.raises(UsageError, match="cannot be sent to other processes: it stays here"):
        run(runner, tmp_path / "out", Foreign())


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.setattr(_remote, "WAIT", 0)
    notes = tmp_path / ".ray-1"
    notes.mkdir()
    (notes / _remote.PROOF).touch()
    said = {"name": "job", "work": b"", "folder": tmp_path, "notes": notes}
    return _remote.RemoteJob(here=str(tmp_path), paths=(), versions=_remote.versions(), **said)


def test_a_machine_that_does_not_see_the_folder_is_refused(job):
    _remote.look(job)
    (job.notes / _remote.PROOF).unlink()  # as a folder of the same name on its own disk
    with pytest.raises(MissingError, match="does not see this folder") as refused:
        _remote.look(job)
    assert refused.value.where == str(job.folder)


def test_a_machine_with_another_version_is_refused(job):
    older = replace(job, versions={**job.versions, "numpy": "1.0"})
    with pytest.raises(MissingError, match=r"of the cluster has numpy \d.*, and this one 1\.0"):
        _remote.look(older)


@pytest.mark.parametrize("address", ["here", "ray://127.0.0.1:10001", "127.0.0.1:x", ":1"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(UsageError, match="is no address of a Ray cluster"):
        _reach.require(address)


def test_an_address_where_something_else_answers_is_refused():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(MissingError, match=r"what answers at .* is no Ray cluster"):
            _reach.require(f"127.0.0.1:{server.server_port}")
        server.shutdown()


def test_an_address_is_for_an_engine_that_has_a_cluster():
    with (
        pytest.raises(UsageError, match="--address is of a cluster"),
        opened(Place(engine="local", address="auto")),
    ):
        pass
