"""Files and functions stay small, and no file is a home for anything."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "mmaudit"
MAKERS = ROOT.parent / "docs" / "makers"
FILES = sorted([*ROOT.rglob("*.py"), *MAKERS.rglob("*.py")])
MOST_LINES_A_FILE, MOST_LINES_A_FUNCTION = 300, 50
FORBIDDEN = {"utils", "util", "helpers", "common", "misc", "core", "manager", "handler", "factory"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT.parent)))
def test_small_and_named_for_what_it_is(path):
    text = path.read_text()
    assert path.stem not in FORBIDDEN
    assert len(text.splitlines()) <= MOST_LINES_A_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= MOST_LINES_A_FUNCTION, f"{node.name} has {lines} lines"


def test_no_two_test_files_have_one_name():
    """Test folders are no packages, so that two files of one name could not be run together."""
    names = [p.name for p in Path(__file__).parent.rglob("test_*.py")]
    assert len(names) == len(set(names)), sorted(n for n in set(names) if names.count(n) > 1)
