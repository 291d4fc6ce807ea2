"""The docs are in step with the program: a page a command, flags named, links that lead somewhere."""

import os
import re
from functools import cache
from pathlib import Path

import pytest

from command import mmaudit
from mmaudit import parts
from mmaudit.audits.declaration import views
from mmaudit.report.sections.challenges import QUESTIONS

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
COMMANDS = [
    name.replace("_", "-") for kind in ("cli/commands", "audits") for name in parts.names(kind)
]
LISTING = re.compile(r"^\$ (mmaudit list .*)\n((?:(?!```|\$ ).*\n)*)", re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_and_is_in_the_readme(name):
    page = ROOT / "docs" / f"{name.replace('-', '_')}.md"
    assert page.exists(), page
    assert f"docs/{page.name}" in (ROOT / "README.md").read_text()
    assert f"mmaudit {name}" in page.read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_flags_that_pages_name_exist(path):
    """A page that shows `mmaudit COMMAND … --flag` shows a flag that the command has."""
    text = path.read_text().replace("\\\n", " ")
    for command, rest in re.findall(r"^\$ mmaudit ([a-z-]+)(.*)$", text, re.MULTILINE):
        assert command in COMMANDS, command
        text_of_help = help_of(command)
        for flag in re.findall(r"(?<=\s)--[a-z][a-z0-9-]*", rest):
            assert flag in text_of_help, f"{command} has no {flag}"


ADVISED = [view.command for some in views().values() for view in some]
ADVISED += [command for question in QUESTIONS for command, _ in question.further]


@pytest.mark.parametrize("advised", ADVISED, ids=lambda how: how[8:30])
def test_what_a_report_advises_can_be_run(advised):
    command, *rest = advised.removeprefix("mmaudit ").split()
    assert command in COMMANDS
    for flag in (word for word in rest if word.startswith("--")):
        assert flag in help_of(command)


def test_listings_are_what_the_command_prints():
    for command, shown in LISTING.findall((ROOT / "docs" / "list.md").read_text()):
        done = mmaudit(*command.split()[1:], env=os.environ | {"COLUMNS": "100"})
        assert done.stdout == shown


def test_every_corruption_is_on_the_page_of_its_kind():
    for name in parts.names("corruptions"):
        kind, _, short = name.partition("/")
        text = (ROOT / "docs" / "reference" / "corruptions" / f"{kind}.md").read_text()
        assert re.search(rf"^## {short}$", text, re.MULTILINE), name
        by_hand = (ROOT / "docs" / "corruptions" / f"{kind}.md").read_text()
        assert f"](../reference/corruptions/{kind}.md)" in by_hand


@cache
def help_of(command):
    done = mmaudit(command, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout
