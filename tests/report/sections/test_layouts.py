"""An audit says how it is shown: report and gate know none by name, and a stranger's is laid out too."""

import ast
import re
from pathlib import Path

import pytest

import run_folders
from mmaudit import parts
from mmaudit.report.read import read
from mmaudit.report.sections.challenges import sections
from mmaudit.rows import View
from mmaudit.tables import store
from mmaudit.tables.arrow import to_table
from mmaudit.tables.provenance import Provenance

ROOT = Path(__file__).parents[3] / "mmaudit"
AUDITS = [name for name in parts.names("audits") if name not in parts.foreign("audits")]
NAMED = re.compile(rf"(?<![a-z])({'|'.join(n.replace('_', '[-_ ]') for n in AUDITS)})(?![a-z])")
FILES = sorted(p for room in ("report", "gate") for p in (ROOT / room).rglob("*") if p.is_file())


def texts(path):
    """Texts that a file computes with or shows: not its docstrings."""
    if path.suffix != ".py":
        return [path.read_text("utf-8")]
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in docs]
    return [n.value for n in constants if isinstance(n.value, str)]


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if "__pycache__" not in p.parts],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_no_audit_is_known_by_name(path):
    assert not NAMED.search(path.stem)
    found = NAMED.fullmatch if path.is_relative_to(ROOT / "gate") else NAMED.search
    assert not [text for text in texts(path) if found(text)]  # a gate may say what else to run


def stranger(folder, **view):
    made = Provenance(audit="outsider", headline="Pairs of another kind.")
    rows = [run_folders.Plain("all", "noise_rate", run_folders.wide(0.1, 0.01))]
    table = to_table(rows, run_folders.Plain, made, views=[View(**view)] if view else ())
    store.write(table, folder / "outsider" / "summary.parquet")
    return {one.key: one for one in sections(read(folder))}


def test_a_strangers_audit_is_laid_out_as_it_says(tmp_path):
    there = stranger(tmp_path, challenge="varying", form="pairs", about="outsiders")
    assert there["varying"].audited
    assert there["varying"].headlines == ("Pairs of another kind.",)
    assert set(there) == {"noisy", "incomplete", "imbalanced", "varying"}


@pytest.mark.parametrize(
    "view", [{}, {"challenge": "noisy", "form": "of a later version"}], ids=["none", "unknown"]
)
def test_without_a_form_that_is_known_every_number_is_shown(tmp_path, view):
    there = stranger(tmp_path, **view)
    (shown,) = there[view.get("challenge", "more")].tables
    assert shown.title == "Outsider: every number"


def test_what_was_not_audited_is_advised_from_what_is_installed(tmp_path):
    stranger(tmp_path)
    ours = View(challenge="noisy", form="pairs", command="mmaudit outsider", tells="so")
    (noisy, *_) = sections(read(tmp_path, {"outsider": [ours], "silent": [View()]}))
    assert noisy.advice == (("mmaudit outsider", "so"),)
    assert not sections(read(tmp_path))[0].advice
