"""The samples that a run kept and its summary say the same, or the run is damaged."""

import pyarrow as pa
import pytest
from pyarrow import parquet

import run_folders
from mmaudit.cli import main
from mmaudit.errors import InputError
from mmaudit.gate import config
from mmaudit.gate.judge import judge
from mmaudit.gate.suggestion.suggest import suggest
from mmaudit.tables import store

CLEAN = {"metric": "robustness.accuracy{condition=clean}", "min": 0.5}
BLUR = "{condition='image/motion_blur:3@image'}"
CHECKS = [
    CLEAN,
    {"metric": f"robustness.accuracy{BLUR}", "max_drop": 0.5},
    {"metric": f"robustness.accuracy{BLUR}", "max_drop_rel": 0.5},
    {"metric": f"robustness.flip_rate{BLUR}", "max": 0.9},
    {"metric": f"robustness.nll_rise{BLUR}", "max": 5.0},
    {"metric": "robustness.nll{condition=clean}", "max": 5.0},
]


def judged(run, check):
    return judge(run, config.build({"check": [check]}, "gate.toml"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_folders.make(tmp_path_factory.mktemp("run"), samples=400, missing=False)


def changed(run, path, change):
    """The run with other answers."""
    import shutil

    shutil.copytree(run, path)
    for part in (path / "robustness/samples").iterdir():
        store.write(change(parquet.read_table(part)), part)
    return path


def other_answers(table):
    """Ten answers of each part under each condition that are wrong now, and less sure."""
    numbers = [int(one[1:]) % 200 for one in table["id"].to_pylist()]
    out = table
    for name, wrong in (("correct", False), ("loss", 5.0), ("prediction", "class 9")):
        values = table[name].to_pylist()
        told = [wrong if n < 10 and c != "clean" else v
                for n, v, c in zip(numbers, values, table["condition"].to_pylist(), strict=True)]  # fmt: skip
        at = out.column_names.index(name)
        out = out.set_column(at, table.schema.field(name), pa.array(told, table[name].type))
    return out


def test_what_agrees_is_judged_by_its_samples(run):
    for check in CHECKS:
        cell = judged(run, check).results[0].cells[0]
        assert (cell.outcome, cell.reason) == ("pass", "")


def test_another_number_is_damage(run, tmp_path):
    other = changed(run, tmp_path / "run", other_answers)
    assert judged(other, CLEAN).exit_code == 0
    for check in CHECKS[1:5]:
        with pytest.raises(InputError, match="the answers that were kept give"):
            judged(other, check)
    with pytest.raises(InputError, match="the answers that were kept give"):
        suggest(other)


def test_fewer_answers_are_damage(run, tmp_path):
    fewer = changed(
        run, tmp_path / "run", lambda t: t.filter(pa.compute.not_equal(t["id"], "s000000"))
    )
    for check in CHECKS:
        with pytest.raises(InputError, match=r"n = 399 .*the summary has"):
            judged(fewer, check)


def test_the_command_says_so_with_3(run, tmp_path, capsys, monkeypatch):
    other = changed(run, tmp_path / "run", other_answers)
    gate = tmp_path / "gate.toml"
    gate.write_text(f'[[check]]\nmetric = "robustness.accuracy{BLUR}"\nmax_drop = 0.5\n')
    monkeypatch.setattr("sys.argv", ["mmaudit", "gate", str(other), "--config", str(gate)])
    assert main() == 3
    what, where, fix = capsys.readouterr().err.splitlines()[-3:]
    assert what.startswith("error: the answers that were kept give accuracy")
    assert where.endswith("robustness/summary.parquet")
    assert fix.startswith("try: ")
