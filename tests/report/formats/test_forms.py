"""Markdown, terminal and the command say the same as the page, in an environment that is small."""

import re
import subprocess
import sys
from functools import partial
from io import StringIO

import pytest
from rich.console import Console
from test_page import hostile_run, judged

import hostile_texts
import run_folders
from command import mmaudit
from mmaudit.errors import UsageError
from mmaudit.report.formats.markdown import markdown
from mmaudit.report.formats.terminal import show
from mmaudit.report.formats.write import write
from mmaudit.report.read import read
from mmaudit.runs.report import opened

HEAVY = ("torch", "pandas", "scipy", "sklearn", "numba", "cv2", "shap", "PIL", "altair")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return judged(
        run_folders.noisy(run_folders.make(tmp_path_factory.mktemp("forms") / "run", samples=60))
    )


def printed(run, width=100):
    out = StringIO()
    show(opened(run), Console(file=out, width=width, color_system=None))
    return out.getvalue()


def test_all_forms_have_the_same_sections_and_numbers(run):
    for told in (markdown(opened(run)), printed(run)):
        for words in ("Noisy", "Incomplete", "Imbalanced", "Quality-varying", "not audited"):
            assert words in told
        assert "mmaudit contributions DATASET" in told
        assert "Accuracy falls from 0.90 to 0.61" in told
        assert "0.720" in told
        assert "of 1 check: 1 failed" in told


def test_long_tables_are_cut_in_a_terminal_and_say_so(tmp_path):
    rows = [*run_folders.robustness_rows()]
    rows += [
        run_folders.row("accuracy", run_folders.wide(0.5, 0.1), slice=f"s={i}") for i in range(40)
    ]
    told = printed(run_folders.make(tmp_path / "r", rows=rows))
    assert "and 22 more rows in the page" in told


def test_markdown_and_terminal_show_data_as_text(tmp_path):
    run = hostile_run(tmp_path / "r")
    told = markdown(read(run))
    assert "<" not in told.replace("&lt;", "")
    assert "evil.example" in told
    assert not re.search(r"https?://|(?<!\\)\]\(", told)
    for text in (told, printed(run)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\x07" not in text
    assert hostile_texts.RAN in told.replace("\\", "")


report = partial(mmaudit, "report")


def test_the_command_writes_where_it_is_told(run, tmp_path):
    done = report(run, "-o", tmp_path / "r.html")
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "r.html"))
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    done = report(run, "--form", "markdown", "-o", tmp_path / "r.md")
    assert (tmp_path / "r.md").read_text().startswith("# mmaudit: run")
    assert "Noisy" in report(run, "--form", "terminal").stdout
    assert report(tmp_path / "nowhere").returncode == 3
    assert report(run, "-o", tmp_path / "no" / "r.html").returncode == 2


def test_a_path_that_cannot_be_written_is_refused(run, tmp_path):
    with pytest.raises(UsageError, match="cannot write"):
        write(read(run), tmp_path)


def test_nothing_heavy_is_needed(run, tmp_path):
    """Gate and report with nothing but their own few packages: every other import is refused."""
    code = f"""
import sys
class Small:
    allowed = {{"mmaudit", "pyarrow", "typer", "rich", "pydantic", "pydantic_core", "jinja2",
        "markupsafe", "annotated_types", "typing_extensions", "typing_inspection", "shellingham",
        "markdown_it", "mdurl", "pygments", "click", "annotated_doc"}}
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in self.allowed or top in sys.stdlib_module_names or top.startswith("_"):
            return None
        raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Small())
from mmaudit.cli import main
for arguments in (
    ["gate", {str(run)!r}, "--config", {str(tmp_path / "g.toml")!r}, "--baseline", {str(run)!r},
     "--junit", {str(tmp_path / "j.xml")!r}, "--markdown", {str(tmp_path / "m.md")!r}],
    ["report", {str(run)!r}, "-o", {str(tmp_path / "r.html")!r}],
    ["report", {str(run)!r}, "--form", "terminal"],
):
    sys.argv = ["mmaudit", *arguments]
    code = main()
    assert code == 0, (arguments, code)
assert not set(sys.modules) & set({HEAVY!r}), set(sys.modules) & set({HEAVY!r})
print("numpy" in sys.modules)
"""
    (tmp_path / "g.toml").write_text(
        '[[check]]\nmetric = "robustness.accuracy{condition=clean}"\n'
        'max_drop = 0.2\nagainst = "baseline"\n'
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
