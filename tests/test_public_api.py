"""The public API: whole, typed for an editor, documented, and at work on a small dataset."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

import mmaudit as mm
from makers.stub import stub
from mmaudit import parts

ROOT = Path(__file__).parents[1]
STUB = ROOT / "mmaudit" / "__init__.pyi"
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
NAMED = re.compile(r"\b(?:mm|mmaudit)\.([A-Za-z_]+)\(")
TYPED = """
import mmaudit as mm

class Model:
    modalities = ("image",)

data = mm.load("dataset.toml")
run: mm.Run = mm.robustness(
    data, Model(), corruptions=["image/*"], severities=(1, 3), joint=True, out="run", quiet=True
)
run = mm.contributions("dataset.toml", "onnx:m.onnx", absent=("zeros",), training_plan="plan.csv")
run = mm.noisy_pairs(data, encoder="self", fdr=0.01)
folder = mm.corrupt(data, "worse", apply=("image/fog:3",), fraction=0.5, workers=2).path / "card"
code: int = mm.gate(run, "gate.toml", strict=True).exit_code
page = mm.report(run, form="markdown").read_text()
changes = mm.diff(run, "other", out="d.html", min_difference=0.01).changes
values = [track.estimates for track in mm.history([run, "other"], metrics=["a.b"]).tracks]
names_of_runs = [one.name for one in mm.baseline("set", "main", run)]
finished = mm.run("audit.toml", "run", resume=True)
text = mm.corrupt_value("a text", "text/keyboard", severity=5)
estimate = mm.Estimate(0.5, 0.4, 0.6, 10)
names: dict[str, str] = mm.list_parts("audits")
try:
    mm.init("rows.csv", "dataset.toml")
except (mm.InputError, mm.MMAuditError) as error:
    print(error.fix, mm.__version__)
"""
REFUSED = {
    "mm.robustness('d', 'm', severites=(1,))": "severites",
    "mm.robustness('d', 'm', joint='yes')": "joint",
    "mm.noisy_pairs('d', space='shred')": "space",
    "mm.corrupt('d', 'o', aply=('image/fog',))": "aply",
    "mm.gate('run', srict=True)": "srict",
    "mm.no_such_thing": "no_such_thing",
    "mm.robustness('d', 'm').pth": "pth",
    "mm.corrupt_value('a text', 'text/keyboard').shape": "shape",
    "mm.load('d').kindz": "kindz",
    "mm.InputError('what', fix='so').wher": "wher",
}


def test_the_stub_is_what_the_options_make():
    assert STUB.read_text("utf-8") == stub(), "run `make docs` and look at the difference"


def test_what_is_public_is_one_list_and_documented():
    ours = [name for name in mm.__all__ if name not in parts.foreign("audits")]
    assert re.findall(r'^    "(\w+)",$', STUB.read_text("utf-8"), re.MULTILINE) == ours
    assert {"__version__", *mm.HOMES} <= set(mm.__all__) == set(dir(mm))
    for name in mm.__all__:
        assert getattr(mm, name).__doc__, name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_pages_name_is_public(page):
    assert set(NAMED.findall(page.read_text("utf-8"))) - {"testing"} <= set(mm.__all__)


def test_functions_that_have_the_name_of_a_folder_stay_functions():
    code = (
        "import mmaudit.gate.judge, mmaudit.report.formats.write, mmaudit.demo.run, mmaudit as mm; "
    )
    code += "from mmaudit import demo, gate, report; print(mm.gate is gate, mm.report is report, "
    code += "mm.demo is demo, all(map(callable, (demo, gate, report))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4


def test_a_type_checker_knows_every_function_and_its_options(tmp_path):
    """Right calls pass, and each wrong one is an error at its line."""
    lines = TYPED.splitlines()
    script = tmp_path / "typed.py"
    script.write_text("\n".join([*lines, *REFUSED]) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    errors = re.findall(r"typed\.py:(\d+): error: (.*)", done.stdout)
    assert {int(line) for line, _ in errors} == {len(lines) + i + 1 for i in range(len(REFUSED))}, (
        done.stdout
    )
    for (line, message), word in zip(errors, REFUSED.values(), strict=True):
        assert word in message, line


class Half:
    """Says yes to what is above a half."""

    modalities = ("x",)
    classes = ("no", "yes")

    def scores(self, batch, present):
        p = np.clip(np.asarray(batch["x"])[:, :1], 0, 1)
        return np.concatenate([1 - p, p], 1).astype(np.float32)


CONFIG = """
schema = 1
dataset = "worse/dataset.toml"
model = "python:model.py:factory"
[robustness]
corruptions = ["vector/dropout"]
absent = ["zeros"]
replicates = 20
[[check]]
id = "clean"
metric = "robustness.accuracy{condition=clean}"
min = 0.01
"""
MODEL = """
import numpy as np
class Half:
    modalities = ("x",)
    classes = ("no", "yes")
    def scores(self, batch, present):
        p = np.clip(np.asarray(batch["x"])[:, :1], 0, 1)
        return np.concatenate([1 - p, p], 1).astype(np.float32)
factory = Half
"""


def test_every_command_is_a_function(tmp_path, monkeypatch):
    """From data to a verdict without a command line, on a small dataset."""
    monkeypatch.chdir(tmp_path)
    lines = [f"s{i},{i / 60},{i % 7},{'yes' if i > 30 else 'no'}" for i in range(60)]
    Path("rows.csv").write_text("id,a,b,label\n" + "\n".join(lines) + "\n")
    assert mm.init("rows.csv", "first.toml").to_toml()
    Path("dataset.toml").write_text(
        'schema = 1\nname = "half"\n[source]\npath = "rows.csv"\nid = "id"\n'
        '[modality.x]\nkind = "vector"\ncolumns = ["a", "b"]\n'
        '[target]\ncolumn = "label"\nkind = "class"\n'
    )
    clean = mm.load("dataset.toml")
    assert isinstance(clean, mm.Dataset)
    done = mm.corrupt(clean, tmp_path / "worse", apply=["vector/dropout:5"], seed=3, quiet=True)
    assert done.card["steps"][0]["part"] == "vector/dropout"
    worse = mm.load(done.path / "dataset.toml")
    alone = mm.corrupt_value(
        np.float32([1 / 60, 1]), "vector/dropout", severity=5, seed=3, id="s1", modality="x"
    )
    sample = mm.Corrupted(clean, ["vector/dropout:5"], seed=3)[1]
    assert np.array_equal(sample["x"], alone)
    options = {"corruptions": ["vector/dropout"], "absent": ["zeros"], "replicates": 20}
    before = mm.robustness(clean, Half(), **options, quiet=True, out="before")
    assert isinstance(before, mm.Run)
    Path("audit.toml").write_text(CONFIG)
    Path("model.py").write_text(MODEL)
    finished = mm.run("audit.toml", "after", trust=True)
    assert len(worse) == len(clean) == finished.run["robustness/samples"].arrow().num_rows / 4
    assert mm.gate("after", "audit.toml").exit_code == 0
    assert Path("after/verdict.json").exists()
    assert mm.gate(before, "audit.toml", json="verdict.json").results[0].status == "pass"
    assert mm.report(before, "page.html").read_text().startswith("<!DOCTYPE html>")
    assert mm.report(before, form="markdown") == Path("before/report.md")
    assert mm.diff(before, "before", out="d.html").changes
    assert Path("d.html").read_text().startswith("<!DOCTYPE html>")
    assert [one.outcome for one in mm.history(["before", "after"]).runs] == ["pass"] * 2
    assert mm.baseline("set", "main", before)[0].run == Path("before")
    assert {finding.name for finding in mm.doctor()} >= {"mmaudit", "numpy"}
    assert mm.list_parts("audits", "robust*")["robustness"].startswith("Robustness: ")


def test_a_recipe_gives_way_to_keywords_and_a_wrong_one_is_named(tmp_path):
    rows = "\n".join(f"s{i},{i},{i % 3}" for i in range(20))
    (tmp_path / "rows.csv").write_text(f"id,a,b\n{rows}\n")
    (tmp_path / "dataset.toml").write_text(
        'schema = 1\nname = "few"\n[source]\npath = "rows.csv"\nid = "id"\n'
        '[modality.x]\nkind = "vector"\ncolumns = ["a", "b"]\n'
    )
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('apply = ["vector/dropout:1"]\nseed = 1\nfraction = 0.5\n')
    done = mm.corrupt(
        tmp_path / "dataset.toml", tmp_path / "out", recipe=recipe, fraction=1.0, quiet=True
    )
    assert (done.card["options"]["seed"], done.card["options"]["fraction"]) == (1, 1.0)
    assert parquet.read_table(done.path / "ledger.parquet").num_rows == 20
    with pytest.raises(mm.UsageError) as refusal:
        mm.corrupt("dataset.toml", "out", aply=["vector/dropout"])
    assert "apply" in refusal.value.fix
