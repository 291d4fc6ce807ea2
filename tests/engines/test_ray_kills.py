"""A command on a cluster is interrupted, killed, or loses a machine, and ends in the same bytes."""

import os
import signal
import subprocess
import sys
import time

import pytest

import ray_cluster
import two_vectors

pytest.importorskip("ray")
pytestmark = pytest.mark.slow

MODEL = """
import time
import two_vectors

class Slow(two_vectors.Nearest):
    def scores(self, batch, present):
        time.sleep(0.05)
        return super().scores(batch, present)
"""
WORDS = "robustness {0} --model python:{1}:Slow --corruptions vector/gaussian_noise --replicates 20"


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    data = two_vectors.make(folder / "data", 20_000)  # ten units
    (folder / "model.py").write_text(MODEL)
    os.environ["PYTHONPATH"] = os.pathsep.join([*filter(None, sys.path)])
    return WORDS.format(data, folder / "model.py").split()


def command(words, out, *more):
    line = [sys.executable, "-m", "mmaudit", *words, "--out", str(out), *more]
    return subprocess.Popen(
        line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(words, out, *more):
    process = command(words, out, *more)
    said = process.communicate()[1]
    assert process.returncode == 0, said
    return {p.relative_to(out): p.read_bytes() for p in (out / "robustness").rglob("*.parquet")}


@pytest.fixture(scope="module")
def whole(words, tmp_path_factory):
    return finish(words, tmp_path_factory.mktemp("whole") / "run", "--workers", "2")


def begun(process, out):
    """Wait until some units are there, and not all."""
    while not list((out / "robustness/samples").glob("[0-9]*.parquet")):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)


def test_a_machine_that_leaves_changes_nothing(words, whole, tmp_path):
    with ray_cluster.machines() as machines:
        where = ["--engine", "ray", "--address", machines.address]
        assert finish(words, tmp_path / "three", *where) == whole
        process = command(words, tmp_path / "two", *where)
        begun(process, tmp_path / "two")
        machines.tell("remove")
        said = process.communicate()[1]
        assert process.returncode == 0, said
        assert finish(words, tmp_path / "two", *where, "--resume") == whole
        killed = command(words, tmp_path / "killed", *where)
        begun(killed, tmp_path / "killed")
        killed.kill()
        killed.communicate()
        assert finish(words, tmp_path / "killed", *where, "--resume") == whole
        assert not list((tmp_path / "killed/robustness/samples").glob(".*"))


def ray_processes():
    """Processes of a Ray, whoever's."""
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return {line for line in lines.splitlines() if line.startswith("ray::") or "/raylet " in line}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_command_and_all_that_it_started(words, whole, tmp_path, number):
    before = ray_processes()
    process = command(words, tmp_path / "run", "--engine", "ray", "--workers", "2")
    begun(process, tmp_path / "run")
    began = time.monotonic()
    os.killpg(process.pid, number)
    said = process.communicate()[1]
    assert time.monotonic() - began < 10
    assert process.returncode == 128 + number
    assert "the same command with --resume goes on from here" in said
    assert "Traceback" not in said
    time.sleep(2)
    assert ray_processes() <= before
    # SIGTERM reaches Ray's own processes too, and without them this one may end as by a kill
    hidden = {path.name[:5] for path in (tmp_path / "run").rglob(".*")}
    assert hidden <= (set() if number == signal.SIGINT else {".mmau", ".ray-"})
    assert finish(words, tmp_path / "run", "--workers", "2", "--resume") == whole
    assert not list((tmp_path / "run").rglob(".*"))
