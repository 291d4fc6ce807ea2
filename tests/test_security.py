"""SECURITY.md: each line of its table names tests, and each of them exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")][1:]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
SAID = {"paths in a manifest or config"}  # what is not held, and said so


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:40])
def test_each_line_names_tests_that_exist(row):
    what, _, _, tests = (cell.strip() for cell in row)
    named = NAMED.findall(tests)
    assert bool(named) != any(what.startswith(said) for said in SAID)
    assert tests == ", ".join(f"`{file}::{name}`" for file, name in named)
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


def test_it_speaks_of_everything_that_comes_from_others():
    for word in ("data", "manifest", "config", "model", "plug-ins", "page", "URLs"):
        assert any(word in row[0] for row in ROWS), word
    assert "](SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
