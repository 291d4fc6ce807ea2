"""The pages of docs/reference are what the code makes now, and a page leads to each of them."""

import re
from pathlib import Path

import pytest

from makers import pages
from makers.files import differences, write
from makers.markdown import anchors
from mmaudit import parts

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
PAGES = [*pages.pages(), pages.INDEX]
CORRUPTIONS = parts.own("corruptions")
FAMILIES = sorted({name.partition("/")[0] for name in CORRUPTIONS})
MOST_BYTES = 1_500_000
STALE = "not as it would be made: run `make docs` and look at the difference"
LINK = re.compile(r"\]\(([^)#\s]+\.md)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_makes(name):
    assert (FOLDER / name).read_text("utf-8") == pages.text(name), STALE


@pytest.mark.parametrize("family", FAMILIES)
def test_pictures_show_what_corruptions_do(family):
    """Drawings are equal; pictures are alike, since their codecs differ from build to build."""
    images = pages.images(family)
    here = {name: content for name, content in images.items() if (FOLDER / name).exists()}
    assert set(here) == set(images), STALE
    stale = set(differences(FOLDER, images)) & set(images)
    assert not stale, STALE


def test_nothing_lies_there_that_is_not_made():
    files = {*PAGES} | {name for f in FAMILIES for name in pages.picture_names(f)}
    assert {str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file()} == files


def test_every_corruption_is_shown_with_every_parameter():
    for name in CORRUPTIONS:
        family, _, short = name.partition("/")
        text = (FOLDER / "corruptions" / f"{family}.md").read_text("utf-8")
        section = text.partition(f"\n## {short}\n")[2].partition("\n## ")[0]
        module = parts.load("corruptions", name)
        part = getattr(module, "CORRUPTION", None) or module.PLAN
        for field in part.severities[0]._fields:
            assert f"| `{field}` |" in section, name
            assert part.units[field] in section, name


def test_pages_are_light():
    assert sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()) < MOST_BYTES


def test_a_page_leads_to_every_page():
    todo, reached = [ROOT / "README.md"], set()
    while todo:
        page = todo.pop().resolve()
        if page not in reached and page.exists():
            reached.add(page)
            todo += [page.parent / target for target in LINK.findall(page.read_text("utf-8"))]
    assert {p.resolve() for p in (ROOT / "docs").rglob("*.md")} <= reached


def test_anchors_of_the_reference_lead_somewhere():
    for page in FOLDER.rglob("*.md"):
        text = page.read_text("utf-8")
        heads = set(anchors(re.findall(r"^#+ (.*)$", text, re.MULTILINE)))
        assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= heads, page


def test_what_is_stale_missing_or_left_over_is_named(tmp_path):
    files = {"a.md": "one\n", "b/c.svg": "<svg/>\n"}
    assert list(differences(tmp_path, files)) == ["a.md", "b/c.svg"]
    write(tmp_path, files)
    assert not list(differences(tmp_path, files))
    (tmp_path / "a.md").write_text("two\n")
    (tmp_path / "d.md").write_text("")
    assert list(differences(tmp_path, files)) == ["a.md", "d.md"]
    assert write(tmp_path, files) == ["a.md", "d.md"]
    assert not (tmp_path / "d.md").exists()
