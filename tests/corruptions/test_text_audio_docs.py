"""What the pages about text and audio show is what happens, and no corruption is left out."""

import doctest

import pytest

from mmaudit import parts
from places import DOCS

REFERENCE = DOCS / "reference" / "corruptions"
DOCS = DOCS / "corruptions"


@pytest.mark.parametrize("kind", ["text", "audio", "vector"])
def test_examples_run(kind):
    result = doctest.testfile(str(DOCS / f"{kind}.md"), module_relative=False)
    assert result.attempted >= 4
    assert result.failed == 0


@pytest.mark.parametrize("kind", ["text", "audio"])
def test_every_corruption_is_on_its_page(kind):
    page = (REFERENCE / f"{kind}.md").read_text("utf-8")
    names = [n.rpartition("/")[2] for n in parts.names(f"corruptions/{kind}")]
    assert names
    missing = [n for n in names if f"\n## {n}\n" not in page or f"| [{n}](#{n}) |" not in page]
    assert not missing
