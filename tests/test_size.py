"""Files and functions stay small, and no file is a home for anything."""

import ast
from pathlib import Path

from parsed import tree

ROOT = Path(__file__).parent.parent / "mmaudit"
MAKERS = ROOT.parent / "docs" / "makers"
FILES = sorted([*ROOT.rglob("*.py"), *MAKERS.rglob("*.py")])
MOST_LINES_A_FILE, MOST_LINES_A_FUNCTION = 300, 50
FORBIDDEN = {"utils", "util", "helpers", "common", "misc", "core", "manager", "handler", "factory"}


def too_much(path):
    """What is too long in a file, or a name that says nothing."""
    text = path.read_text("utf-8")
    if path.stem in FORBIDDEN:
        yield f"a file may not be named {path.stem}"
    if (lines := len(text.splitlines())) > MOST_LINES_A_FILE:
        yield f"{lines} lines"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            if lines > MOST_LINES_A_FUNCTION:
                yield f"{node.name} has {lines} lines"


def test_small_and_named_for_what_it_is():
    wrong = {p.relative_to(ROOT.parent).as_posix(): [*too_much(p)] for p in FILES}
    assert not {path: what for path, what in wrong.items() if what}


def test_no_two_test_files_have_one_name():
    """Test folders are no packages, so that two files of one name could not be run together."""
    names = [p.name for p in Path(__file__).parent.rglob("test_*.py")]
    assert len(names) == len(set(names)), sorted(n for n in set(names) if names.count(n) > 1)
