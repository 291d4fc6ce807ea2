"""The example of docs/imputers.md is run, and prints what the page shows."""

import contextlib
import io
import re

import pytest

from places import DOCS

BLOCKS = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


@pytest.mark.slow
def test_the_example_prints_what_it_shows(tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    (_, program), (_, shown) = BLOCKS.findall((DOCS / "imputers.md").read_text("utf-8"))
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "docs/imputers.md", "exec"), {})
    assert printed.getvalue() == shown
