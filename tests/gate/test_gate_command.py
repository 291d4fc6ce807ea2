"""The command: exit codes, what it loads, and what it costs."""

import json
import resource
import subprocess
import sys
from functools import partial

import pytest

import run_folders
from command import mmaudit

GATE = "from mmaudit.cli import main; import sys; sys.exit(main())"
HEAVY = (
    "numpy",
    "pandas",
    "torch",
    "scipy",
    "sklearn",
    "numba",
    "jinja2",
    "rich",
    "pyarrow.compute",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_folders.make(tmp_path_factory.mktemp("run"))


def config(path, *checks):
    text = "".join(
        f'[[check]]\nid = "{i}"\nmetric = "{m}"\n{limit}\n' for i, (m, limit) in enumerate(checks)
    )
    path.write_text(text)
    return path


gate = partial(mmaudit, "gate")


@pytest.mark.parametrize(
    ("limit", "code", "word"),
    [("min = 0.8", 0, "PASS"), ("min = 0.95", 1, "FAIL"), ("min = 0.89", 5, "INCONCLUSIVE")],
)
def test_exit_codes(run, tmp_path, limit, code, word):
    path = config(tmp_path / "g.toml", ("robustness.accuracy{condition=clean}", limit))
    done = gate(run, "--config", path, "--json", tmp_path / "v.json")
    assert done.returncode == code
    assert done.stdout.splitlines()[-1].startswith(word)
    assert json.loads((tmp_path / "v.json").read_text())["exit_code"] == code


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ("robustness.acuracy", "no row matches metric = acuracy; metrics: accuracy, "),
        ("robustness.f1", "no row matches metric = f1; metrics: "),
        ("robustness.accuracy{severity=2}", "no row matches severity = 2; severity has 1, "),
        ("contributions.phi", "the run has no contributions/summary.parquet"),
    ],
)
def test_a_row_that_is_not_there_is_no_answer_and_says_what_there_is(run, tmp_path, metric, says):
    there = ("robustness.accuracy{condition=clean}", "min = 0.8")
    path = config(tmp_path / "g.toml", (metric, "min = 0.5"), there)
    done = gate(run, "--config", path, "--json", tmp_path / "v.json")
    assert (done.returncode, done.stdout.splitlines()[-1].split(":")[0]) == (5, "INCONCLUSIVE")
    assert says in done.stdout
    path = config(tmp_path / "g.toml", (metric, 'min = 0.5\nmissing = "fail"'), there)
    assert gate(run, "--config", path, "--json", tmp_path / "v.json").returncode == 1


def test_refusals_have_their_own_codes(run, tmp_path):
    path = config(tmp_path / "g.toml", ("robustness.accuracy", "mni = 0.8"))
    done = gate(run, "--config", path)
    assert done.returncode == 2
    assert "unknown key 'mni'" in done.stderr
    assert "try: min" in done.stderr
    assert gate(tmp_path / "nowhere", "--config", path).returncode == 2  # the file is read first
    path = config(tmp_path / "g.toml", ("robustness.accuracy", "min = 0.8"))
    assert gate(tmp_path / "nowhere", "--config", path).returncode == 3
    assert gate(run).returncode == 2


def test_strict_suggest_and_baseline(run, tmp_path):
    path = config(tmp_path / "g.toml", ("robustness.accuracy{condition=clean}", "min = 0.89"))
    assert gate(run, "--config", path, "--strict", "--json", tmp_path / "v.json").returncode == 1
    done = gate(run, "--suggest")
    assert done.returncode == 0
    assert "max_drop" in done.stdout
    assert gate(run, "--config", path, "--baseline", run).returncode == 2


def test_nothing_heavy_is_imported_by_the_gate_itself(run, tmp_path):
    """pyarrow may load NumPy by itself; the gate may not need it, nor anything heavier."""
    path = config(tmp_path / "g.toml", ("robustness.accuracy{condition=clean}", "min = 0.8"))
    arguments = [
        "mmaudit",
        "gate",
        str(run),
        "--config",
        str(path),
        "--json",
        str(tmp_path / "v.json"),
    ]
    code = f"""
import sys
sys.argv = {arguments!r}
import pyarrow.parquet
before = set(sys.modules)
from mmaudit.cli import main
code = main()
print(sorted(set({HEAVY!r}) & (set(sys.modules) - before)), code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"


def cpu(*command):
    """Least CPU seconds of a cold process in five runs."""
    spent = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def test_a_cold_gate_of_24_checks_costs_little_more_than_its_imports(run, tmp_path):
    checks = [
        ("robustness.accuracy{corruption=*/*_*}", f"max_drop = {0.4 + i / 100}") for i in range(24)
    ]
    path = config(tmp_path / "g.toml", *checks)
    bare = cpu(sys.executable, "-c", "import typer, pyarrow.parquet")
    ours = cpu(
        sys.executable,
        "-c",
        GATE,
        "gate",
        str(run),
        "--config",
        str(path),
        "--json",
        str(tmp_path / "v"),
    )
    assert ours <= 2.5 * bare, f"{ours:.2f} s against {bare:.2f} s"
