"""Examples in docstrings run and give what they show."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "mmaudit").rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]
FEWEST = 20  # modules with examples; a move of the package must not leave this test empty


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name):
    result = doctest.testmod(importlib.import_module(name), report=True)
    assert result.attempted
    assert not result.failed


def test_there_are_examples():
    assert len(MODULES) >= FEWEST
