"""What the pages about text and audio show is what happens, and no corruption is left out."""

import doctest

import pytest

from mmaudit import parts
from places import DOCS

DOCS = DOCS / "corruptions"


@pytest.mark.parametrize("kind", ["text", "audio"])
def test_examples_run(kind):
    result = doctest.testfile(str(DOCS / f"{kind}.md"), module_relative=False)
    assert result.attempted >= 4
    assert result.failed == 0


@pytest.mark.parametrize("kind", ["text", "audio"])
def test_every_corruption_is_on_its_page(kind):
    page = (DOCS / f"{kind}.md").read_text("utf-8")
    missing = [n for n in parts.names(f"corruptions/{kind}") if f"| `{n}` |" not in page]
    assert not missing
